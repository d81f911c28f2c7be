import fc, { type Arbitrary } from 'fast-check'
import type { TSchema } from 'typebox'

/** A JSON Schema as our declarations write them. */
interface Schema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly pattern?: string
  readonly format?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: Schema
  readonly maxItems?: number
  readonly minProperties?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}

/** Values that fit a schema of a declaration. */
export const fitting = (schema: TSchema): Arbitrary<unknown> => ofSchema(schema as unknown as Schema) // plain JSON Schema

function ofSchema(schema: Schema): Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(ofSchema))
  switch (schema.type) {
    case 'string':
      return textOf(schema)
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -1000, max: Math.min(schema.maximum ?? 1000, 1_000_000) })
    case 'number':
      return fc.double({ min: schema.minimum ?? -1e6, max: schema.maximum ?? 1e6, noNaN: true })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return fc.array(ofSchema(schema.items ?? {}), { maxLength: Math.min(schema.maxItems ?? 3, 3) })
    case 'object':
      return objectOf(schema)
    default:
      return json()
  }
}

const json = (): Arbitrary<unknown> => fc.jsonValue({ maxDepth: 2 })

const textOf = ({ pattern, format, minLength = 0, maxLength = 60 }: Schema): Arbitrary<string> => {
  if (format === 'date-time') return fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
  // Longer texts say nothing that shorter ones do not.
  const short = pattern?.replaceAll(/\{(\d+),(\d{3,})\}/g, '{$1,60}')
  return short === undefined
    ? fc.string({ minLength, maxLength: Math.min(maxLength, 60), unit: 'grapheme' })
    : fc.stringMatching(new RegExp(short))
}

function objectOf({ properties = {}, patternProperties, required = [], minProperties = 0 }: Schema): Arbitrary<object> {
  if (patternProperties) return fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), json(), { maxKeys: 3 })
  const fields = Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, ofSchema(schema)]))
  return fc
    .record(fields, { requiredKeys: [...required] })
    .filter((value) => Object.keys(value).length >= minProperties)
}

const hostile: readonly unknown[] = [
  ...[
    '',
    '\0',
    'a\0b',
    '\ud800',
    '../../etc/passwd',
    '..',
    '%2e%2e%2f',
    '/',
    '\\..\\',
    'x'.repeat(5000),
    '💥',
    "' or 1=1 --",
  ],
  ...[-1, 0, 1e308, 2 ** 53, 0.5, true, null, [], {}, [[]], { a: { b: {} } }],
]

/** Values that nobody should send: of other types, missing, too much, or meant to do harm. */
export const unfitting = (schema: TSchema): Arbitrary<unknown> => {
  const odd = fc.oneof(fc.constantFrom(...hostile), json())
  const changed = fc
    .tuple(fitting(schema), fc.string({ maxLength: 12 }), odd, fc.nat())
    .map(([value, name, other, nth]) => {
      if (value === null || typeof value !== 'object' || Array.isArray(value)) return other
      const keys = Object.keys(value)
      const key = keys[nth % Math.max(1, keys.length + 1)] ?? name
      return { ...value, [key]: other }
    })
  return fc.oneof(changed, odd)
}
