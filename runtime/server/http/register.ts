import type {} from '@fastify/swagger'
import type { FastifyInstance, FastifySchema } from 'fastify'
import { audited } from '../access/audit-requests.ts'
import type { Person } from '../access/person.ts'
import type { Context, Declaration, Endpoint } from './endpoint.ts'
import { problemAnswer } from './problem.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    endpoint?: Declaration
  }
  interface FastifyRequest {
    /** Who sends it; the sign-in hook has set it wherever an endpoint is not public. */
    person: Person | undefined
  }
}

const nobody: Person = { id: '', name: 'nobody', role: 'analyst', clients: [], by: { kind: 'token', id: '' } }

/** What an endpoint answers, as the OpenAPI document describes it. */
function answersOf({ answer, status = 200, media = 'application/json' }: Declaration): object {
  const failed = { description: 'What was wrong', content: { 'application/problem+json': { schema: problemAnswer } } }
  const done = status === 204 ? {} : { content: { [media]: { schema: answer } } }
  return { [status]: { description: 'Done', ...done }, default: failed }
}

// Compared with @fastify/type-provider-typebox 6, which types a route's handler where it is registered: here handler,
// roles, audit log and HTTP client are typed by one declaration, before any server exists.
/** Registers an endpoint: its address, the check of its requests, its description and what answers it. */
export function register(app: FastifyInstance, endpoint: Endpoint, context: Context): void {
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
    response: answersOf(endpoint),
  }
  app.route({
    method,
    url,
    config: { endpoint },
    schema,
    async handler(request, reply) {
      void reply.code(status)
      return audited(request, (audit) =>
        endpoint.handle({
          ...context,
          params: request.params as Record<string, unknown>, // checked by the schemas above, and so is the query
          query: request.query as Record<string, unknown>,
          body: request.body,
          person: request.person ?? nobody,
          request,
          reply,
          audit,
        }),
      )
    },
  })
}
