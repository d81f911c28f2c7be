import { PolkuError, PolkuErrors } from '../../errors/errors.ts'
import { nearest } from '../../errors/nearest.ts'

export type ParameterItem = number | string | boolean
export type ParameterValue = ParameterItem | readonly ParameterItem[] | null
export type ParameterValues = Readonly<Record<string, ParameterValue>>

export interface ParameterType {
  readonly kind: 'number' | 'integer' | 'text' | 'boolean'
  readonly list: boolean
  /** Whether it may be null (TypeScript) or None (Python). */
  readonly nullable: boolean
  /** The only values it may have, where its type names them. */
  readonly options?: readonly ParameterItem[]
}

/** A parameter as a notebook's cell declares it. */
export interface Parameter {
  readonly name: string
  readonly type: ParameterType
  readonly default: ParameterValue
  /** Its type as the cell writes it, where it does. */
  readonly annotation?: string
}

const words = { number: 'number', integer: 'whole number', text: 'text', boolean: 'true or false' }

/** What a parameter takes, for a person. */
function describeType({ kind, list, nullable, options }: ParameterType): string {
  const article = kind === 'boolean' ? '' : 'A '
  const one = options
    ? `One of ${options.map((option) => JSON.stringify(option)).join(', ')}`
    : `${article}${words[kind]}`
  const many = `A list of ${options ? options.map((option) => JSON.stringify(option)).join(', ') : `${words[kind]}s`}, such as ${listExamples[kind]}`
  return `${list ? many : one}${nullable ? ', or null' : ''}.`
}

const listExamples = { number: '[1.5,2]', integer: '[1,2]', text: '["a","b"]', boolean: '[true,false]' }

/**
 * The values given for a notebook's parameters; texts of the command line become what the parameter's type says.
 * Throws PolkuErrors of NOTEBOOK_PARAM_UNKNOWN and PARAM_INVALID with every fault.
 */
export function resolveParameters(
  declared: readonly Parameter[],
  assigned: Readonly<Record<string, unknown>>,
  file: string,
): ParameterValues {
  const errors: PolkuError[] = []
  const names = declared.map(({ name }) => name)
  const values: [string, ParameterValue][] = []
  for (const [name, raw] of Object.entries(assigned)) {
    const parameter = declared.find((one) => one.name === name)
    if (!parameter) {
      const expected = names.length
        ? nearest(name, names, 'parameter')
        : 'A cell tagged `parameters` declares them with literal values, such as `const budget = 5000`.'
      errors.push(new PolkuError('NOTEBOOK_PARAM_UNKNOWN', { param: name, actual: name, nearest: expected }, { file }))
      continue
    }
    const value = convert(raw, parameter.type)
    if (value !== undefined) values.push([name, value])
    else {
      const text = typeof raw === 'string' ? raw : String(JSON.stringify(raw))
      const right = describeType(parameter.type)
      errors.push(
        new PolkuError('PARAM_INVALID', { param: name, value: JSON.stringify(raw), actual: text, right }, { file }),
      )
    }
  }
  if (errors.length > 0) throw new PolkuErrors(errors)
  return Object.fromEntries(values)
}

/** A raw value as its type says; undefined where it is none. */
function convert(raw: unknown, type: ParameterType): ParameterValue | undefined {
  if (type.nullable && (raw === null || raw === 'null' || raw === 'None')) return null
  if (!type.list) return toItem(raw, type)
  const items = typeof raw === 'string' ? splitList(raw) : raw
  if (!Array.isArray(items)) return undefined
  const converted = items.map((item: unknown) => toItem(item, type))
  return converted.every((item) => item !== undefined) ? converted : undefined
}

function toItem(raw: unknown, { kind, options }: ParameterType): ParameterItem | undefined {
  const item = kind === 'text' ? toText(raw) : kind === 'boolean' ? toBoolean(raw) : toNumber(raw, kind)
  return item !== undefined && options && !options.includes(item) ? undefined : item
}

const toText = (raw: unknown): string | undefined =>
  typeof raw === 'string' ? raw : typeof raw === 'number' ? String(raw) : undefined

const toBoolean = (raw: unknown): boolean | undefined =>
  [true, false].find((value) => raw === value || raw === String(value))

function toNumber(raw: unknown, kind: 'number' | 'integer'): number | undefined {
  const number = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw
  if (typeof number !== 'number' || !Number.isFinite(number)) return undefined
  // A whole number past 2^53 would silently become another one.
  if (Number.isInteger(number) && !Number.isSafeInteger(number) && /^\s*[+-]?\d+\s*$/.test(String(raw)))
    return undefined
  return kind === 'integer' && !Number.isSafeInteger(number) ? undefined : number
}

/** Items of a JSON list, or texts between commas. */
function splitList(text: string): unknown {
  if (text.trim() === '') return []
  if (/^\s*\[.*\]\s*$/s.test(text)) {
    try {
      return JSON.parse(text) as unknown
    } catch {
      // Names between brackets that are no JSON are names all the same, as in a flow.
    }
  }
  return text.split(',').map((item) => item.trim())
}
