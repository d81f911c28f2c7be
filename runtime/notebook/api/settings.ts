import { PolkuError } from '../../errors/errors.ts'

type Path = readonly (string | number)[]

const right = 'A text, a number, true or false, a list or an object of these.'

/**
 * A copy of settings as a flow could hold them: plain values only. What is undefined is left out.
 * Throws SETTING_INVALID for anything else, such as a function, a date object or a circle.
 */
export function plainSettings(settings: unknown): Record<string, unknown> {
  if (settings === undefined) return {}
  if (settings === null || typeof settings !== 'object' || Array.isArray(settings))
    throw new PolkuError('SETTING_INVALID', {
      setting: '(all of them)',
      value: describeValue(settings),
      right: 'An object of settings: { name: value }.',
    })
  return plain(settings, [], []) as Record<string, unknown> // an object gives an object
}

function plain(value: unknown, path: Path, around: readonly object[]): unknown {
  const refuse = (): never => {
    throw new PolkuError('SETTING_INVALID', {
      setting: path.join('.') || '(all of them)',
      value: describeValue(value),
      actual: describeValue(value),
      right,
    })
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return value
  if (typeof value !== 'object' || around.includes(value)) return refuse()
  const inner = [...around, value]
  if (Array.isArray(value)) return value.map((item, index) => plain(item, [...path, index], inner))
  if (![Object.prototype, null].includes(Object.getPrototypeOf(value))) return refuse()
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) =>
      item === undefined ? [] : [[key, plain(item, [...path, key], inner)]],
    ),
  )
}

/** A value in a few words, whatever it is. */
export function describeValue(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (value === undefined) return 'undefined'
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`
  if (value instanceof Promise) return 'a promise'
  if (value === null || typeof value !== 'object') return String(JSON.stringify(value)).slice(0, 100)
  if (Array.isArray(value)) return 'a list'
  const name: unknown = value.constructor?.name
  return typeof name === 'string' && name !== 'Object' && name !== '' ? `a ${name}` : 'an object'
}
