import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Static, TObject, TSchema } from 'typebox'
import type { ProblemRecord } from '../errors/problem.ts'
import type { Endpoint } from '../server/http/endpoint.ts'

/** What the API refused, as its answer says it. */
export class ApiProblem extends Error {
  readonly status: number
  /** Every fault of the request, at least one. */
  readonly problems: readonly ProblemRecord[]

  constructor(status: number, problems: readonly ProblemRecord[]) {
    super(problems[0]?.message ?? 'The API refused.')
    this.status = status
    this.problems = problems
  }
}

// What tells the API who asks, and from where, exactly as if the browser had asked it by itself.
const passedOn = [
  'cookie',
  'host',
  'origin',
  'sec-fetch-site',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
]

interface Asked<P, Q, B> {
  readonly params?: P
  readonly query?: Partial<Q>
  readonly body?: B
}

interface RawAnswer {
  readonly status: number
  readonly type: string
  readonly text: string
}

/** The service's HTTP API, asked in the name of whoever asks for a page. */
export class Api {
  readonly #request: FastifyRequest
  readonly #reply: FastifyReply
  /** Of the form that asks for a change. */
  readonly #forgeryToken: string | undefined

  constructor(request: FastifyRequest, reply: FastifyReply, forgeryToken?: string) {
    this.#request = request
    this.#reply = reply
    this.#forgeryToken = forgeryToken
  }

  /** The answer of an endpoint. Throws ApiProblem. */
  async ask<P extends TObject, Q extends TObject, B extends TSchema, A extends TSchema>(
    { method, url, media }: Endpoint<P, Q, B, A>,
    { params, query, body }: Asked<Static<P>, Static<Q>, Static<B>> = {},
  ): Promise<Static<A>> {
    const { status, text } = await this.#send(method, address(url, params, query), body)
    const answer: unknown = status === 204 || media !== undefined ? text || null : JSON.parse(text)
    return answer as Static<A> // the API writes its answers by this schema
  }

  async #send(method: Endpoint['method'], url: string, body: unknown): Promise<RawAnswer> {
    const { headers, socket, server } = this.#request
    const passed = passedOn.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]]))
    const answer = await server.inject({
      method,
      url,
      remoteAddress: socket.remoteAddress,
      headers: {
        ...Object.fromEntries(passed),
        ...(this.#forgeryToken !== undefined && { 'x-polku-forgery-token': this.#forgeryToken }),
      },
      ...(body !== undefined && { payload: body as object }), // an endpoint's body is an object
    })
    const cookie = answer.headers['set-cookie']
    // A session's cookie is renewed now and then.
    if (cookie !== undefined) void this.#reply.header('set-cookie', cookie)
    if (answer.statusCode >= 400) throw toProblem(answer.statusCode, answer.body)
    return { status: answer.statusCode, type: String(answer.headers['content-type']), text: answer.body }
  }
}

function address(url: string, params: object | undefined, query: object | undefined): string {
  const given: Record<string, unknown> = { ...params }
  const path = url.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(given[name] ?? '')))
  const asked = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {}))
    for (const item of [value].flat()) if (item !== undefined && item !== '') asked.append(name, String(item))
  return `/api${path}${asked.size > 0 ? `?${asked}` : ''}`
}

function toProblem(status: number, text: string): ApiProblem {
  const { code, title, detail, problems } = JSON.parse(text) as {
    code: string
    title: string
    detail?: string
    problems?: readonly ProblemRecord[]
  } // `problemAnswer` of the API
  const [first = { code, message: title, ...(detail !== undefined && { expected: detail }) }, ...more] = problems ?? []
  return new ApiProblem(status, [first, ...more])
}
