import { Type } from 'typebox'
import { problemSchema } from '../../errors/problem.ts'
import { object } from './schemas.ts'

/** What every error is answered with: RFC 9457, with the code of the one error table. */
export const problemAnswer = object({
  type: Type.String({ description: 'urn:polku:error:CODE' }),
  title: Type.String({ description: 'What happened' }),
  status: Type.Integer(),
  code: Type.String(),
  detail: Type.Optional(Type.String({ description: 'What would be right' })),
  problems: Type.Optional(Type.Array(problemSchema, { description: 'Each of them, where there are several' })),
})
