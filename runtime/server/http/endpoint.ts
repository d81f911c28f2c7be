import type { TObject, TSchema } from 'typebox'

/** What a person may do: explore and train, operate flows, judge reports and models, or all of it and people besides. */
export type Role = 'analyst' | 'operator' | 'reviewer' | 'administrator'

export const everyRole: readonly Role[] = ['analyst', 'operator', 'reviewer', 'administrator']

/**
 * One declaration of what the API can do. From it come the check of requests, who may ask, the OpenAPI document, the
 * typed client and the shape of the answer.
 */
export interface Endpoint<
  Params extends TObject = TObject,
  Query extends TObject = TObject,
  Body extends TSchema = TSchema,
  Answer extends TSchema = TSchema,
> {
  /** The operation's name in OpenAPI, and the typed client's method. */
  readonly name: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Under /api, such as /clients/:client/runs. One with :client is of that client only. */
  readonly url: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  /** The roles that may ask it; `public` needs nobody to be signed in. */
  readonly allow: readonly Role[] | 'public'
  /** What the audit log calls it: every change, and every look at customers' rows. */
  readonly audit?: string
  /** Which fields of the query and the body the audit log tells besides the address: never a secret or a value of a customer. */
  readonly auditFields?: readonly string[]
  /** The field of the query that makes a look one at customers' rows: without it nothing is written, and a look repeated within a minute is told once. */
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

export const endpoint = <
  Params extends TObject = TObject,
  Query extends TObject = TObject,
  Body extends TSchema = TSchema,
  Answer extends TSchema = TSchema,
>(
  declared: Endpoint<Params, Query, Body, Answer>,
): Endpoint<Params, Query, Body, Answer> => declared
