import type { Static, TObject, TSchema } from 'typebox'
import type { eventData } from '../server/api/events.ts'
import type { Endpoint } from '../server/http/endpoint.ts'
import type { problemAnswer } from '../server/http/problem-answer.ts'
import { endpoints } from '../server/routes/routes.ts'
import { readEvents } from './events.ts'

type Problem = Static<typeof problemAnswer>
export type PolkuEvent = Static<typeof eventData>

/** What the service refused or could not do, with the code of its error table. */
export class PolkuProblem extends Error {
  readonly status: number
  readonly code: string
  /** What would be right. */
  readonly detail: string | undefined
  /** Each of them, where there are several. */
  readonly problems: NonNullable<Problem['problems']>

  constructor({ status, code, title, detail, problems = [] }: Problem) {
    super(title)
    this.status = status
    this.code = code
    this.detail = detail
    this.problems = problems
  }
}

export interface ClientOptions {
  /** Where the service is, such as `http://127.0.0.1:4400`. */
  readonly url: string
  readonly token?: string
  /** Sent with each request. */
  readonly headers?: Readonly<Record<string, string>>
  /** Another than the global one. */
  readonly fetch?: typeof fetch
}

type Endpoints = typeof endpoints
type Watches = 'watchAll' | 'watchClient' | 'watchRun'

interface Sending {
  readonly signal?: AbortSignal
  readonly headers?: Readonly<Record<string, string>>
}

// What an endpoint does not declare is of the widest type.
type Declared<E> =
  E extends Endpoint<infer P, infer Q, infer B, TSchema>
    ? (TObject extends P ? unknown : { readonly params: Static<P> }) &
        (TObject extends Q ? unknown : { readonly query?: Partial<Static<Q>> }) &
        (TSchema extends B ? unknown : { readonly body: Static<B> })
    : never

type Asked<E> = Declared<E> & Sending
type Argument<E> = Record<never, never> extends Declared<E> ? [asked?: Asked<E>] : [asked: Asked<E>]
type Answer<E> = E extends Endpoint<TObject, TObject, TSchema, infer A> ? Static<A> : never

/** A method for each endpoint; pages come as text, and events as they happen, resumed when the connection is lost. */
export type PolkuClient = {
  readonly [Name in keyof Endpoints]: Name extends Watches
    ? (...argument: Argument<Endpoints[Name]>) => AsyncGenerator<PolkuEvent, void>
    : (...argument: Argument<Endpoints[Name]>) => Promise<Answer<Endpoints[Name]>>
}

interface AnyAsked extends Sending {
  readonly params?: Readonly<Record<string, unknown>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
}

/** A client of a service's API. Its methods throw PolkuProblem. */
export function createClient({ url, token, headers, fetch: send = fetch }: ClientOptions): PolkuClient {
  const base = url.replace(/\/+$/, '')

  const request = ({ method, url: path }: Endpoint, { params, query, body, signal, ...own }: AnyAsked) =>
    send(`${base}/api${filled(path, params)}${queryText(query)}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
        ...own.headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    })

  const answered = async (endpoint: Endpoint, asked: AnyAsked): Promise<Response> => {
    const response = await request(endpoint, asked)
    if (!response.ok) throw await problemOf(response)
    return response
  }

  const call = async (endpoint: Endpoint, asked: AnyAsked): Promise<unknown> => {
    const response = await answered(endpoint, asked)
    if (response.status === 204) return null
    return endpoint.media === undefined ? response.json() : response.text()
  }

  const methods = Object.entries(endpoints).map(([name, declared]) => {
    const endpoint = declared as unknown as Endpoint // of every shape here; the type above tells each one's
    const watch = (asked: AnyAsked = {}) =>
      readEvents(
        (last) =>
          answered(endpoint, { ...asked, headers: { ...asked.headers, ...(last && { 'last-event-id': last }) } }),
        asked.signal,
      )
    return [name, name.startsWith('watch') ? watch : (asked: AnyAsked = {}) => call(endpoint, asked)]
  })
  return Object.fromEntries(methods) as PolkuClient // a method by each name, as its endpoint declares
}

/** The names in an address filled in, each as one part of it. */
const filled = (path: string, params: AnyAsked['params'] = {}): string =>
  path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])))

function queryText(query: AnyAsked['query'] = {}): string {
  const asked = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    for (const item of [value].flat()) if (item !== undefined) asked.append(name, String(item))
  return asked.size > 0 ? `?${asked}` : ''
}

/** What answered need not be the service, but a proxy before it. */
async function problemOf(response: Response): Promise<PolkuProblem> {
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json')
  if (isProblem) return new PolkuProblem((await response.json()) as Problem) // the service declares it so
  const title = `${response.status} ${response.statusText}`.trim()
  return new PolkuProblem({ type: 'about:blank', title, status: response.status, code: 'UNKNOWN' })
}
