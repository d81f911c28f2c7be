import type {} from '@fastify/swagger'
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify'
import type { Static, TObject, TSchema } from 'typebox'
import type { Queries } from '../../service/database/database.ts'
import { audited } from '../access/audit-requests.ts'
import type { Person } from '../access/person.ts'
import type { Endpoint } from './endpoint.ts'
import { problemAnswer } from './problem-answer.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    endpoint?: Endpoint
  }
  interface FastifyRequest {
    /** Who asks; the sign-in hook has set it wherever an endpoint is not public. */
    person: Person | undefined
  }
}

export interface Asked<Params extends TObject, Query extends TObject, Body extends TSchema> {
  readonly params: Static<Params>
  readonly query: Static<Query>
  readonly body: Static<Body>
  readonly person: Person
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** Writes to the audit log, in the transaction of the change; for an endpoint that audits itself. */
  audit(queries: Queries, target?: Readonly<Record<string, unknown>>): Promise<void>
}

const nobody: Person = { id: '', name: 'nobody', role: 'analyst', clients: [], by: { kind: 'token', id: '' } }

/** What an endpoint answers, as the OpenAPI document tells it. */
function answersOf({ answer, status = 200, media = 'application/json' }: Endpoint): object {
  const failed = { description: 'What was wrong', content: { 'application/problem+json': { schema: problemAnswer } } }
  const done = status === 204 ? {} : { content: { [media]: { schema: answer } } }
  return { [status]: { description: 'Done', ...done }, default: failed }
}

/** Registers what answers an endpoint. An answer that it sends by itself is given as the reply. */
export function serve<P extends TObject, Q extends TObject, B extends TSchema, A extends TSchema>(
  app: FastifyInstance,
  endpoint: Endpoint<P, Q, B, A>,
  handle: (asked: Asked<P, Q, B>) => Promise<Static<A> | FastifyReply>,
): void {
  const { method, url, name, tag, summary, description, params, query, headers, body, status = 200 } = endpoint
  const schema: FastifySchema = {
    operationId: name,
    tags: [tag],
    summary,
    ...(description && { description }),
    ...(params && { params }),
    ...(query && { querystring: query }),
    ...(headers && { headers }),
    ...(body && { body }),
    ...(endpoint.allow === 'public' && { security: [] }),
    response: answersOf(endpoint as unknown as Endpoint), // only its declaration is read
  }
  app.route({
    method,
    url,
    config: { endpoint: endpoint as unknown as Endpoint }, // only its declaration is read from there
    schema,
    async handler(request, reply) {
      void reply.code(status)
      return audited(request, (audit) =>
        handle({
          params: request.params as Static<P>, // checked by the schemas above
          query: request.query as Static<Q>,
          body: request.body as Static<B>,
          person: request.person ?? nobody,
          request,
          reply,
          audit,
        }),
      )
    },
  })
}
