import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { TSchema } from 'typebox'
import { nearest } from '../errors/nearest.ts'

/** One way in which a value does not fit its schema. */
export interface ShapeFault {
  readonly kind: 'unknown' | 'missing' | 'invalid'
  /** From the root of the validated value to the culprit; for `missing`, to what is missing. */
  readonly path: readonly (string | number)[]
  readonly expected: string
}

// Schemas come from code, by typebox, and are not themselves validated: that takes longer than all else here.
const ajv = new Ajv({
  allErrors: true,
  useDefaults: true,
  strict: false,
  verbose: true,
  meta: false,
  validateSchema: false,
  // Whether a text is a time is told by whoever reads it.
  validateFormats: false,
})
const compiled = new WeakMap<TSchema, ValidateFunction>()

/** A person mends a few faults at a time; ten thousand would only take long to find the places of. */
const shownFaults = 100

/** Validates and fills defaults in place. Gives the faults, at most a hundred, or none. */
export function shapeFaults(schema: TSchema, value: unknown): ShapeFault[] {
  let validate = compiled.get(schema)
  if (!validate) {
    validate = ajv.compile(schema)
    compiled.set(schema, validate)
  }
  if (validate(value)) return []
  const errors = validate.errors ?? []
  // A failed choice also reports each of its branches; the choice itself says it better.
  const choices = errors.filter((error) => error.keyword === 'anyOf').map((error) => error.instancePath)
  return errors
    .filter((error) => error.keyword === 'anyOf' || !choices.some((choice) => error.instancePath.startsWith(choice)))
    .slice(0, shownFaults)
    .map(toFault)
}

const decode = (pointer: string): (string | number)[] =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part))

// ajv gives `params` and `parentSchema` open types; each keyword's shape is documented.
interface Detail {
  readonly additionalProperty: string
  readonly missingProperty: string
  readonly allowedValues: readonly unknown[]
  readonly type: string
  readonly limit: number
  readonly comparison: string
}

function toFault(error: ErrorObject): ShapeFault {
  const path = decode(error.instancePath)
  const detail = error.params as unknown as Detail
  if (error.keyword === 'additionalProperties') {
    const keys = Object.keys(error.parentSchema?.properties ?? {})
    const pattern = Object.keys(error.parentSchema?.patternProperties ?? {})[0]
    const expected = pattern ? `A name of the form ${pattern}` : nearest(detail.additionalProperty, keys, 'such key')
    return { kind: 'unknown', path: [...path, detail.additionalProperty], expected }
  }
  if (error.keyword === 'required') {
    const described = error.parentSchema?.properties?.[detail.missingProperty]?.description
    const expected = `${detail.missingProperty}: ${described ?? '…'}`
    return { kind: 'missing', path: [...path, detail.missingProperty], expected }
  }
  return { kind: 'invalid', path, expected: expectation(error, detail) }
}

function expectation(error: ErrorObject, detail: Detail): string {
  const description = error.parentSchema?.description ? ` (${error.parentSchema.description})` : ''
  switch (error.keyword) {
    case 'type':
      return `${article(detail.type)}${description}.`
    case 'enum':
      return `${nearest(String(error.data), detail.allowedValues.map(String), 'value')}${description}`
    case 'const':
      return `${JSON.stringify(error.schema)}${description}.`
    case 'anyOf':
      return `${alternatives(error.schema)}${description}.`
    case 'pattern':
      return `${form(error)}${description}.`
    case 'minLength':
      return `A text that is not empty${description}.`
    case 'minItems':
    case 'minProperties':
      return `At least ${detail.limit} of them${description}.`
    case 'maxItems':
    case 'maxProperties':
      return `At most ${detail.limit} of them${description}.`
    default:
      return `It ${error.message}${description}.`
  }
}

/** The form of a text, in words where the node contract has given it a meaning. */
function form({ parentSchema = {}, schema }: ErrorObject): string {
  if (parentSchema['x-as-of']) return 'A date such as 2026-10-01, or an offset from the run’s date such as -3 months'
  if (parentSchema['x-model']) return 'A model’s NAME@VERSION, NAME@draft or NAME@approved'
  if (parentSchema['x-dataset']) return 'Small letters, digits and dashes, beginning with a letter'
  return `A text of the form ${schema}`
}

const article = (type: string): string =>
  type === 'integer' || type === 'object' || type === 'array' ? `An ${type}` : `A ${type}`

function alternatives(schema: unknown): string {
  const branches = Array.isArray(schema) ? schema : []
  const words = branches.map((branch: { type?: string; const?: unknown }) =>
    branch.const !== undefined ? JSON.stringify(branch.const) : article(branch.type ?? 'value').toLowerCase(),
  )
  return `One of: ${[...new Set(words)].join(', ')}`
}
