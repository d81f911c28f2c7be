import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { asPolkuError, type ErrorCode, PolkuError, PolkuErrors } from '../../errors/errors.ts'
import { type ProblemRecord, problemSchema } from '../../errors/problem.ts'
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

/** What another process says is wrong with a flow that a request brings. */
export class FlowFaults extends Error {
  readonly problems: readonly [ProblemRecord, ...ProblemRecord[]]
  constructor(problems: readonly [ProblemRecord, ...ProblemRecord[]]) {
    super(problems.map(({ message }) => message).join('\n'))
    this.problems = problems
  }
}

/** The codes of the table for what Fastify itself refuses. */
const refusals: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'MEDIA_TYPE',
  FST_ERR_CTP_INVALID_JSON_BODY: 'BODY_MALFORMED',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'BODY_MALFORMED',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'BODY_MALFORMED',
  FST_ERR_BAD_URL: 'ROUTE_UNKNOWN',
  FST_ERR_INVALID_URL: 'ROUTE_UNKNOWN',
  FST_ERR_MAX_PARAM_LENGTH: 'ROUTE_UNKNOWN',
}

function toErrors(error: FastifyError): readonly PolkuError[] {
  // A full disk and the like say what they are; the paths they name are not for those who ask.
  const recognised = asPolkuError(error, 'the folder of the client, or of the service’s database')
  if (recognised instanceof PolkuErrors) return recognised.errors
  if (recognised instanceof PolkuError) return [recognised]
  const code = refusals[error.code]
  if (code) return [new PolkuError(code, { reason: error.message.replace(/\.$/, '') })]
  // What we did not foresee may hold anything; the log has it.
  return [new PolkuError('INTERNAL', { reason: 'the service could not answer.' })]
}

/** The status of an answer with this error; `params` are the names in the address. */
function statusOf({ entry }: PolkuError, params: Readonly<Record<string, unknown>>): number {
  return entry.addressed !== undefined && Object.hasOwn(params, entry.addressed) ? 404 : entry.status
}

interface Refusal {
  readonly status: number
  readonly problems: readonly ProblemRecord[]
  /** Seconds. */
  readonly retryAfter?: number
}

function toRefusal(error: FastifyError, params: Readonly<Record<string, unknown>>): Refusal {
  if (error instanceof FlowFaults) return { status: 422, problems: error.problems }
  const errors = toErrors(error)
  const [first] = errors
  if (!first) throw error
  const seconds = first.code === 'TOO_MANY_REQUESTS' ? Number(first.values.seconds) : Number.NaN
  return {
    status: statusOf(first, params),
    problems: errors.map((each) => each.toProblem()),
    retryAfter: Number.isFinite(seconds) ? seconds : undefined,
  }
}

/** Answers every error as application/problem+json. */
export function answerProblem(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const { status, problems, retryAfter } = toRefusal(error, (request.params ?? {}) as Record<string, unknown>) // Fastify's own
  const [first] = problems
  if (!first) throw error
  if (status >= 500) request.log.error({ err: error }, 'a request failed')
  const { code, message, expected } = first
  // What answered before the error may have said something else.
  for (const header of ['content-security-policy', 'cache-control', 'etag']) void reply.removeHeader(header)
  if (retryAfter !== undefined) void reply.header('retry-after', retryAfter)
  void reply
    .code(status)
    .type('application/problem+json')
    .send({
      type: `urn:polku:error:${code}`,
      title: message,
      status,
      code,
      detail: expected,
      problems: problems.length > 1 ? problems : undefined,
    })
}
