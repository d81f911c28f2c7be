import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Static, TObject, TSchema } from 'typebox'
import type { Queries } from '../../service/database/database.ts'
import type { Service } from '../../service/service.ts'
import type { OpenIdProvider } from '../access/openid/provider.ts'
import type { Person, Role } from '../access/person.ts'
import type { EventStreams } from '../routes/events/streams.ts'
import type { TableReaders } from '../routes/tables/reader.ts'
import type { PublicUrl } from './cookies.ts'

/** What the server has for all its endpoints. */
export interface Context {
  readonly service: Service
  readonly now: () => number
  /** Where browsers reach the service. */
  readonly url: PublicUrl
  /** Where people sign in elsewhere; undefined where none is configured. */
  readonly openid: OpenIdProvider | undefined
  readonly tables: TableReaders
  readonly streams: EventStreams
}

/** What a handler is called with: the parts of the request as their schemas say, and what the server has. */
interface Input<Params extends TObject, Query extends TObject, Body extends TSchema> extends Context {
  readonly params: Static<Params>
  readonly query: Static<Query>
  readonly body: Static<Body>
  readonly person: Person
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  /** Writes to the audit log, in the transaction of the change; for an endpoint that audits itself. */
  audit(queries: Queries, target?: Readonly<Record<string, unknown>>): Promise<void>
}

/**
 * One declaration of what the API can do. From it come the check of requests, who may call it, the OpenAPI document, the
 * typed HTTP client and the shape of the answer.
 */
export interface Declaration<
  Params extends TObject = TObject,
  Query extends TObject = TObject,
  Body extends TSchema = TSchema,
  Answer extends TSchema = TSchema,
> {
  /** The operation's name in OpenAPI, and the HTTP client's method. */
  readonly name: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Under /api, such as /clients/:client/runs. One with :client is of that client only. */
  readonly url: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  /** The roles that may call it; `public` needs nobody to be signed in. */
  readonly allow: readonly Role[] | 'public'
  /** What the audit log calls it: every change, and every look at customers' rows. */
  readonly audit?: string
  /** Which fields of the query and the body the audit log has besides the address: never a secret or a value of a customer. */
  readonly auditFields?: readonly string[]
  /** The field of the query that makes a look one at customers' rows: without it nothing is written, and a look repeated within a minute is written once. */
  readonly auditsWith?: string
  /** The handler itself writes to the audit log, in the transaction of the change. */
  readonly auditsItself?: boolean
  readonly params?: Params
  readonly query?: Query
  /** Headers that mean something to it, in lower case; others may be there too. */
  readonly headers?: TObject
  readonly body?: Body
  readonly answer: Answer
  /** The status of success; 200 where nothing is said. */
  readonly status?: number
  /** The answer's media type where it is not JSON. */
  readonly media?: string
}

/** A declaration with what answers it. An answer that the handler sends by itself is returned as the reply. */
export interface Endpoint<
  Params extends TObject = TObject,
  Query extends TObject = TObject,
  Body extends TSchema = TSchema,
  Answer extends TSchema = TSchema,
> extends Declaration<Params, Query, Body, Answer> {
  handle(input: Input<Params, Query, Body>): Promise<Static<Answer> | FastifyReply>
}

export const endpoint = <
  Params extends TObject = TObject,
  Query extends TObject = TObject,
  Body extends TSchema = TSchema,
  Answer extends TSchema = TSchema,
>(
  declared: Endpoint<Params, Query, Body, Answer>,
): Endpoint<Params, Query, Body, Answer> => declared
