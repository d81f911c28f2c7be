import { type TProperties, type TSchema, Type } from 'typebox'
import { nameForm } from '../../data/names.ts'
import { PolkuError } from '../../errors/errors.ts'

// Schemas that several endpoints share.

const closed = { additionalProperties: false }
export const name = Type.String({ pattern: nameForm })
export const stepName = Type.String({ pattern: '^[a-z][a-z0-9_-]{0,99}$' })
export const outputName = Type.String({ pattern: '^[a-zA-Z][a-zA-Z0-9_]{0,99}$' })
export const runId = Type.String({ pattern: '^[a-zA-Z0-9-]{1,120}$' })
export const uuid = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' })
export const date = Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$', description: 'A date such as 2026-10-01' })
export const timestamp = Type.String({
  pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,3})?)?Z)?$',
  description: 'A date, or a time of UTC such as 2026-10-01T06:00Z',
})
export const time = Type.String({ format: 'date-time' })
export const text = Type.String()
export const paramValues = Type.Record(Type.String(), Type.Unknown(), {
  maxProperties: 200,
  description: 'Values of the flow’s parameters, by name',
})

export const object = <Properties extends TProperties>(
  properties: Properties,
  options: { minProperties?: number } = {},
) => Type.Object(properties, { ...closed, ...options })

export const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])

export const limit = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 200, default: 50, description: 'How many at most' }),
)
export const cursor = Type.Optional(
  Type.String({ pattern: '^[A-Za-z0-9_.-]{1,1200}$', description: '`next` of the page before' }),
)
export const page = object({ limit, cursor })

export const listOf = <Item extends TSchema>(item: Item) =>
  object({
    items: Type.Array(item),
    next: orNull(Type.String({ description: 'The cursor of the next page; null where this is the last' })),
  })

export const ofClient = object({ client: name })
export const ofFlow = object({ client: name, flow: name })
export const ofRun = object({ client: name, run: runId })
export const ofModel = object({ client: name, model: name })

/**
 * A time that a query names, whose form its schema has checked; undefined where it names none. Throws REQUEST_INVALID for
 * a day or an hour that no calendar and no clock has.
 */
export function parseTimestamp(part: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const time = new Date(text)
  // Date takes 30 February for 2 March.
  if (!Number.isNaN(time.getTime()) && time.toISOString().startsWith(text.slice(0, 10))) return time
  throw new PolkuError('REQUEST_INVALID', {
    reason: `query.${part} is no time`,
    right: 'A date, or a time of UTC such as 2026-10-01T06:00Z.',
    actual: text,
  })
}
