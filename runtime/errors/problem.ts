import { type Static, Type } from 'typebox'

/** An error as records, reports and answers carry it: what happened, where, what was found and what would be right. */
export const problemSchema = Type.Object(
  {
    code: Type.String(),
    message: Type.String(),
    file: Type.Optional(Type.String()),
    line: Type.Optional(Type.Integer()),
    column: Type.Optional(Type.Integer()),
    step: Type.Optional(Type.String()),
    actual: Type.Optional(Type.String()),
    expected: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
)

export type ProblemRecord = Static<typeof problemSchema>
