/** A position on an axis of pixels, and the marks that tell its values. */
export interface Axis {
  /** Undefined where the value has no place on the axis. */
  position(value: unknown): number | undefined
  readonly ticks: readonly { readonly at: number; readonly label: string }[]
  /** Pixels a bar may take. */
  readonly step: number
  /** Where bars stand. */
  readonly zero: number
}

const isDate = (value: unknown): value is string => typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value)

/** A number, or a date as milliseconds since 1970. */
function toNumber(value: unknown): number | undefined {
  const number = typeof value === 'number' ? value : isDate(value) ? Date.parse(value) : Number.NaN
  return Number.isFinite(number) ? number : undefined
}

/**
 * An axis of all values from pixel `from` to `to`: of names where one of them is neither a number nor a date.
 * @param withZero whether it begins at nought, as lengths of bars do.
 */
export function axisOf(values: readonly unknown[], from: number, to: number, withZero: boolean): Axis {
  const present = values.filter((value) => value !== null && value !== undefined)
  return present.every((value) => toNumber(value) !== undefined)
    ? numberAxis(present, from, to, withZero)
    : nameAxis(present, from, to)
}

const mostNames = 24

function nameAxis(values: readonly unknown[], from: number, to: number): Axis {
  const names = [...new Set(values.map(String))]
  const width = (to - from) / Math.max(1, names.length)
  const places = new Map(names.map((name, index) => [name, from + width * (index + 0.5)]))
  const every = Math.ceil(names.length / mostNames)
  return {
    position: (value) => places.get(String(value)),
    ticks: names.flatMap((label, index) =>
      index % every === 0 ? [{ at: from + width * (index + 0.5), label: plainLabel(label) }] : [],
    ),
    step: Math.abs(width),
    zero: from,
  }
}

/** A prepared label as text, cut short: it may hold Plotly's line breaks and marks of emphasis. */
export const plainLabel = (label: string): string => {
  const text = label
    .replaceAll(/<br\s*\/?>/g, ' ')
    .replaceAll(/<\/?\w+>/g, '')
    .replaceAll('&lt;', '<')
  const characters = Array.from(text)
  return characters.length > 16 ? `${characters.slice(0, 15).join('')}…` : text
}

function numberAxis(values: readonly unknown[], from: number, to: number, withZero: boolean): Axis {
  const numbers = values.flatMap((value) => toNumber(value) ?? [])
  const dates = values.some(isDate)
  let least = withZero && !dates ? 0 : Number.POSITIVE_INFINITY
  let most = withZero && !dates ? 0 : Number.NEGATIVE_INFINITY
  for (const number of numbers) {
    least = Math.min(least, number)
    most = Math.max(most, number)
  }
  if (numbers.length === 0) [least, most] = [0, 1]
  if (least === most) [least, most] = [least - 0.5, most + 0.5]
  const width = most - least
  const step = niceStep(width / 5)
  const position = (number: number) => from + ((number - least) / width) * (to - from)
  const ticks = dates ? [least, most] : multiples(least, most, step)
  return {
    position: (value) => {
      const number = toNumber(value)
      return number === undefined ? undefined : position(number)
    },
    ticks: ticks.map((number) => ({
      at: position(number),
      label: dates ? new Date(number).toISOString().slice(0, 10) : String(Number(number.toPrecision(6))),
    })),
    step: Math.abs(to - from) / Math.max(1, new Set(numbers).size),
    zero: position(Math.min(Math.max(0, least), most)),
  }
}

/** The next of 1, 2 and 5 times a power of ten. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10)
}

function multiples(least: number, most: number, step: number): number[] {
  const first = Math.ceil(least / step)
  const count = Math.min(20, Math.floor(most / step) - first + 1)
  return Array.from({ length: Math.max(0, count) }, (_, index) => (first + index) * step)
}
