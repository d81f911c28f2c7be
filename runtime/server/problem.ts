import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { type ErrorCode, PolkuError, PolkuErrors } from '../errors.ts'
import { problemSchema } from '../run/record.ts'

/** RFC 9457, with the code of the one error table. */
export const problemAnswer = Type.Object(
  {
    type: Type.String({ description: 'urn:polku:error:CODE' }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.String(),
    detail: Type.Optional(Type.String({ description: 'What would be right' })),
    problems: Type.Optional(Type.Array(problemSchema)),
  },
  { additionalProperties: false },
)

const statuses: Partial<Record<ErrorCode, number>> = {
  NOT_SIGNED_IN: 401,
  NOT_ALLOWED: 403,
  FORGED_REQUEST: 403,
  OWN_RIGHTS: 403,
  ADMINISTRATOR_LIMITED: 403,
  APPROVER_PUBLISHED: 403,
  EMAIL_TAKEN: 409,
  LAST_ADMINISTRATOR: 409,
  ALREADY_EXISTS: 409,
  RUN_FINISHED: 409,
  DATASET_KEY_TAKEN: 409,
  BODY_TOO_LARGE: 413,
  TOO_MANY_REQUESTS: 429,
  INTERNAL: 500,
  DISK_FULL: 507,
  DATABASE_UNREACHABLE: 503,
}

const statusOf = (code: ErrorCode): number => statuses[code] ?? (/_(UNKNOWN|NOT_FOUND)$/.test(code) ? 404 : 422)

/** The codes of the table for what Fastify itself refuses. */
const refusals: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'REQUEST_INVALID',
  FST_ERR_CTP_INVALID_JSON_BODY: 'REQUEST_INVALID',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'REQUEST_INVALID',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'REQUEST_INVALID',
}

function toErrors(error: FastifyError): readonly PolkuError[] {
  if (error instanceof PolkuErrors) return error.errors
  if (error instanceof PolkuError) return [error]
  const code = refusals[error.code]
  if (code) return [new PolkuError(code, { reason: error.message, right: 'A request as /api/docs describes it.' })]
  // What we did not foresee may hold anything; the log has it.
  return [new PolkuError('INTERNAL', { reason: 'the service could not answer.' })]
}

/** Answers every error as application/problem+json. */
export function answerProblem(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const errors = toErrors(error)
  const [first] = errors
  if (!first) throw error
  const status = statusOf(first.code)
  if (status >= 500) request.log.error({ err: error }, 'a request failed')
  const { code, message, expected } = first.toProblem()
  void reply
    .code(status)
    .type('application/problem+json')
    .send({
      type: `urn:polku:error:${code}`,
      title: message,
      status,
      code,
      detail: expected,
      problems: errors.length > 1 ? errors.map((each) => each.toProblem()) : undefined,
    })
}
