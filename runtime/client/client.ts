import type { Static, TObject, TSchema } from 'typebox'
import type { ProblemRecord } from '../errors/problem.ts'
import type { Role } from '../server/access/person.ts'
import type { Declaration } from '../server/http/endpoint.ts'
import type { problemAnswer } from '../server/http/problem.ts'
import type { endpoints } from '../server/routes/routes.ts'
import { type PolkuEvent, readEvents } from './events.ts'
import { operations } from './operations.generated.ts'

export type { PolkuEvent, Role }

type Endpoints = typeof endpoints
/** The name of what the API can do, such as `startRun`. */
export type Operation = keyof Endpoints

interface OperationFacts {
  readonly method: Declaration['method']
  readonly url: string
  readonly allow: Declaration['allow']
  /** Of the answer, where it is not JSON. */
  readonly media?: string
}

// The declarations themselves would bring the whole server with them.
const facts: Readonly<Record<Operation, OperationFacts>> = operations

/** The address of an operation, with the names that stand in it. */
export const addressOf = (operation: Operation): string => `/api${facts[operation].url}`

/** Whether the API lets people of a role call it. */
export const mayCall = (role: string, operation: Operation): boolean => {
  const { allow } = facts[operation]
  return allow === 'public' || allow.some((allowed) => allowed === role)
}

type Problem = Static<typeof problemAnswer>

/** What the service refused or could not do, with the code of its error table. */
export class PolkuProblem extends Error {
  readonly status: number
  readonly code: string
  /** What would be right. */
  readonly detail: string | undefined
  /** Each of them, where there are several. */
  readonly problems: NonNullable<Problem['problems']>

  constructor({ status, code, title, detail, problems = [] }: Omit<Problem, 'type'>) {
    super(title)
    this.status = status
    this.code = code
    this.detail = detail
    this.problems = problems
  }

  /** Each of them, also where there is one. */
  get all(): readonly ProblemRecord[] {
    const { code, message, detail, problems } = this
    return problems.length > 0 ? problems : [{ code, message, ...(detail !== undefined && { expected: detail }) }]
  }
}

/** Sends a request and gives its answer, as `fetch` does. */
export type Transport = (address: string, request: RequestInit) => Promise<Response>

export interface ApiClientOptions {
  /** Where the service is, such as `http://127.0.0.1:4400`. */
  readonly url: string
  readonly token?: string
  /** Sent with each request. */
  readonly headers?: Readonly<Record<string, string>>
  /** Another than `fetch`: into a service of the same process, or by way of a proxy. */
  readonly transport?: Transport
}

type StreamOperation = 'watchAll' | 'watchClient' | 'watchRun'

interface SendOptions {
  readonly signal?: AbortSignal
  readonly headers?: Readonly<Record<string, string>>
}

// What an endpoint does not declare is of the widest type.
type Input<E> =
  E extends Declaration<infer P, infer Q, infer B, TSchema>
    ? (TObject extends P ? unknown : { readonly params: Static<P> }) &
        (TObject extends Q ? unknown : { readonly query?: Partial<Static<Q>> }) &
        (TSchema extends B ? unknown : { readonly body: Static<B> })
    : never

type Arguments<E> =
  Record<never, never> extends Input<E> ? [input?: Input<E> & SendOptions] : [input: Input<E> & SendOptions]

/** What the service answers to an operation. */
export type Answer<Name extends Operation> =
  Endpoints[Name] extends Declaration<TObject, TObject, TSchema, infer A> ? Static<A> : never

/** An item of the list that an operation answers with. */
export type Item<Name extends Operation> =
  Answer<Name> extends { readonly items: readonly (infer Each)[] } ? Each : never

/** A method for each endpoint; pages come as text, and events as they happen, resumed when the connection is lost. */
export type ApiClient = {
  readonly [Name in Operation]: Name extends StreamOperation
    ? (...input: Arguments<Endpoints[Name]>) => AsyncGenerator<PolkuEvent, void>
    : (...input: Arguments<Endpoints[Name]>) => Promise<Answer<Name>>
}

interface AnyInput extends SendOptions {
  readonly params?: Readonly<Record<string, unknown>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
}

/** A client of a service's HTTP API. Its methods throw PolkuProblem. */
export function createApiClient({ url, token, headers, transport = fetch }: ApiClientOptions): ApiClient {
  const base = url.replace(/\/+$/, '')

  /** Throws PolkuProblem. */
  const send = async (
    { method, url: path }: OperationFacts,
    { params, query, body, signal, ...own }: AnyInput,
  ): Promise<Response> => {
    const response = await transport(`${base}/api${filledPath(path, params)}${queryText(query)}`, {
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
    if (!response.ok) throw await problemOf(response)
    return response
  }

  const call = async (operation: OperationFacts, input: AnyInput): Promise<unknown> => {
    const response = await send(operation, input)
    if (response.status === 204) return null
    return operation.media === undefined ? response.json() : response.text()
  }

  const watch = (operation: OperationFacts, input: AnyInput) =>
    readEvents(
      (last) => send(operation, { ...input, headers: { ...input.headers, ...(last && { 'last-event-id': last }) } }),
      input.signal,
    )

  const methods = Object.entries(facts).map(([name, operation]) => {
    const run = operation.media === 'text/event-stream' ? watch : call
    return [name, (input: AnyInput = {}) => run(operation, input)]
  })
  return Object.fromEntries(methods) as ApiClient // a method by each name, as its endpoint declares
}

/** The names in an address filled in, each as one part of it. */
const filledPath = (path: string, params: AnyInput['params'] = {}): string =>
  path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])))

function queryText(query: AnyInput['query'] = {}): string {
  const fields = new URLSearchParams()
  for (const [name, value] of Object.entries(query))
    for (const item of [value].flat()) if (item !== undefined) fields.append(name, String(item))
  return fields.size > 0 ? `?${fields}` : ''
}

/** What answered need not be the service, but a proxy before it. */
async function problemOf(response: Response): Promise<PolkuProblem> {
  const isProblem = response.headers.get('content-type')?.startsWith('application/problem+json')
  if (isProblem) return new PolkuProblem((await response.json()) as Problem) // the service declares it so
  const title = `${response.status} ${response.statusText}`.trim()
  return new PolkuProblem({ title, status: response.status, code: 'UNKNOWN' })
}
