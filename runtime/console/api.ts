import type { FastifyReply, FastifyRequest, InjectOptions } from 'fastify'
import { type ApiClient, createApiClient, PolkuProblem, type Transport } from '../client/client.ts'
import type { ProblemRecord } from '../errors/problem.ts'

// What tells the API who asks, and from where, exactly as if the browser had asked it by itself.
const forwardedHeaders = [
  'cookie',
  'host',
  'origin',
  'sec-fetch-site',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
]

const forwarded = ({ headers }: FastifyRequest): Record<string, string> =>
  Object.fromEntries(
    forwardedHeaders.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]])),
  )

/** Sends requests to the server that has been asked for a page, without a connection. */
const inProcess =
  ({ server, socket }: FastifyRequest, reply: FastifyReply): Transport =>
  async (url, { method, headers, body }) => {
    const {
      statusCode,
      headers: answered,
      body: text,
    } = await server.inject({
      url,
      method: method as InjectOptions['method'], // of an endpoint
      remoteAddress: socket.remoteAddress,
      headers: headers as Record<string, string>, // as the HTTP client writes them
      ...(body != null && { payload: String(body) }),
    })
    const cookie = answered['set-cookie']
    // A session's cookie is renewed now and then.
    if (cookie !== undefined) void reply.header('set-cookie', cookie)
    const type = String(answered['content-type'] ?? '')
    return new Response(statusCode === 204 ? null : text, { status: statusCode, headers: { 'content-type': type } })
  }

/**
 * The service's HTTP API, called in the name of whoever asks for a page. `forgeryToken` is of the form that asks for a
 * change.
 */
export const apiOf = (request: FastifyRequest, reply: FastifyReply, forgeryToken?: string): ApiClient =>
  createApiClient({
    url: '',
    transport: inProcess(request, reply),
    headers: { ...forwarded(request), ...(forgeryToken !== undefined && { 'x-polku-forgery-token': forgeryToken }) },
  })

/** What a page itself refuses, as the API would say it. */
export const problemWith = (status: number, problems: readonly [ProblemRecord, ...ProblemRecord[]]): PolkuProblem => {
  const [{ code, message, expected }] = problems
  return new PolkuProblem({ status, code, title: message, detail: expected, problems: [...problems] })
}
