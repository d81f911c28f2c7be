import { isDate } from '../data/dates.ts'
import { PolkuError } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'
import { namesSecret } from '../step/secrets.ts'
import type { Flow, FlowParam } from './schema.ts'
import type { Source } from './source.ts'

export type ParamValue = string | number | boolean | readonly string[]
export type ParamValues = Readonly<Record<string, ParamValue>>

/**
 * The flow's parameters with given values over defaults. Texts of the command line become what the
 * parameter's type says. Pushes every fault to `errors`.
 */
export function resolveParams(
  flow: Flow,
  source: Source,
  overrides: Readonly<Record<string, unknown>>,
  errors: PolkuError[],
): Record<string, ParamValue> {
  const declared = flow.params ?? {}
  for (const name of Object.keys(overrides))
    if (!Object.hasOwn(declared, name))
      errors.push(
        new PolkuError(
          'PARAM_UNKNOWN',
          { param: name, actual: name, nearest: nearest(name, Object.keys(declared), 'parameter') },
          source.position(['params'], 'key'),
        ),
      )
  const values: Record<string, ParamValue> = {}
  for (const [name, param] of Object.entries(declared)) {
    const raw = (Object.hasOwn(overrides, name) ? overrides[name] : undefined) ?? param.default
    const position = source.position(['params', name], 'key')
    if (raw === undefined) {
      errors.push(new PolkuError('PARAM_MISSING', { param: name }, position))
      continue
    }
    const value = convert(raw, param)
    const fault = value === undefined ? kinds[param.type] : (secretFault(value) ?? limitFault(value, param))
    if (value !== undefined && fault === undefined) values[name] = value
    else
      errors.push(
        new PolkuError(
          'PARAM_INVALID',
          {
            param: name,
            value: JSON.stringify(raw),
            actual: String(raw),
            right: param.description ? `${fault} (${param.description})` : fault,
          },
          position,
        ),
      )
  }
  return values
}

const kinds: Readonly<Record<FlowParam['type'], string>> = {
  number: 'A number.',
  integer: 'A whole number.',
  text: 'A text.',
  boolean: 'true or false.',
  date: 'A date that exists, such as 2026-10-01.',
  list: 'A list.',
}

/** A raw value as its type says; undefined where it is none. */
function convert(raw: unknown, { type }: FlowParam): ParamValue | undefined {
  switch (type) {
    case 'list':
      return toList(raw)
    case 'number':
      return toNumber(raw)
    case 'integer': {
      const number = toNumber(raw)
      return Number.isInteger(number) ? number : undefined
    }
    case 'boolean':
      return [true, false].find((value) => raw === value || raw === String(value))
    case 'date':
      return typeof raw === 'string' && isDate(raw) ? raw : undefined
    default:
      return typeof raw === 'string' ? raw : typeof raw === 'number' ? String(raw) : undefined
  }
}

function toNumber(raw: unknown): number | undefined {
  const number = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

/** Items of YAML or JSON, or texts between commas; undefined where one of them is nothing or no single value. */
function toList(raw: unknown): readonly string[] | undefined {
  const items = typeof raw === 'string' ? splitList(raw) : raw
  if (!Array.isArray(items)) return undefined
  const texts = items.map((item: unknown) => (typeof item === 'number' ? String(item) : item))
  return texts.every((item) => typeof item === 'string' && item !== '') ? (texts as string[]) : undefined // just proved
}

function splitList(text: string): unknown {
  if (text.trim() === '') return []
  // Names with commas in them are given as JSON; a name may also merely begin with a bracket.
  if (/^\s*\[.*\]\s*$/s.test(text)) {
    try {
      return JSON.parse(text) as unknown
    } catch {
      return text.split(',').map((item) => item.trim())
    }
  }
  return text.split(',').map((item) => item.trim())
}

/** Else whoever starts a run could have a secret put where the flow's author did not. */
const secretFault = (value: ParamValue): string | undefined =>
  [value].flat().some((part) => namesSecret(String(part)))
    ? 'A value that names no secret: those stand in settings of the flow only.'
    : undefined

function limitFault(value: ParamValue, param: FlowParam): string | undefined {
  const options = param.options?.map(String)
  const stray = [value].flat().find((item) => options && !options.includes(String(item)))
  if (options && stray !== undefined) return nearest(String(stray), options, 'value')
  if (typeof value !== 'number') return undefined
  if (param.minimum !== undefined && value < param.minimum) return `At least ${param.minimum}.`
  if (param.maximum !== undefined && value > param.maximum) return `At most ${param.maximum}.`
  return undefined
}

const hole = /\$\{([^}]*)\}/g

const onlyHole = /^\$\{([^}]*)\}$/

/**
 * Puts `${params.x}` and `${run.asOf}` into every text of `value`. A text that is one hole takes the value's own type;
 * where that is a list and the text an item of a list, its items take the place of the text. What `onUnknown` gives
 * stands in the place of what it was told of.
 */
export function substitute(
  value: unknown,
  params: ParamValues,
  asOf: string,
  onUnknown: (reference: string, expected: string, path: readonly (string | number)[]) => string | undefined,
  path: readonly (string | number)[] = [],
): unknown {
  const available: Record<string, ParamValue> = { 'run.asOf': asOf }
  for (const [name, param] of Object.entries(params)) available[`params.${name}`] = param
  const resolve = (reference: string): ParamValue => {
    const value = Object.hasOwn(available, reference.trim()) ? available[reference.trim()] : undefined
    if (value !== undefined) return value
    return onUnknown(reference.trim(), nearest(reference.trim(), Object.keys(available), 'parameter'), path) ?? ''
  }
  if (typeof value === 'string') {
    const whole = onlyHole.exec(value)
    return whole
      ? resolve(whole[1] ?? '')
      : value.replaceAll(hole, (_, reference: string) => [resolve(reference)].flat().join(', '))
  }
  if (Array.isArray(value))
    return value.flatMap((item, index) => {
      const resolved = substitute(item, params, asOf, onUnknown, [...path, index])
      return typeof item === 'string' ? resolved : [resolved]
    })
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, substitute(item, params, asOf, onUnknown, [...path, key])]),
    )
  return value
}
