const DAY = 86_400_000

/** Days since 1970-01-01 of an ISO date, the only form in which the generator counts time. Throws on what is not a date. */
export const dayOf = (iso: string): number => {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(iso) ? Date.parse(`${iso}T00:00:00Z`) : Number.NaN
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== iso) {
    throw new RangeError(`"${iso}" is not a date; write it as 2026-10-01.`)
  }
  return time / DAY
}

const texts = new Map<number, string>()

/** The ISO date of a day number. Kept, because the same few thousand days are written half a million times. */
export const isoDate = (day: number): string => {
  const cached = texts.get(day)
  if (cached !== undefined) return cached
  const text = new Date(day * DAY).toISOString().slice(0, 10)
  texts.set(day, text)
  return text
}

/** The date as Finns write it: 1.10.2026. */
export const finnishDate = (day: number): string => {
  const date = new Date(day * DAY)
  return `${date.getUTCDate()}.${date.getUTCMonth() + 1}.${date.getUTCFullYear()}`
}

/** The same day of another month, or that month's last day where it is shorter. */
export const addMonths = (day: number, months: number): number => {
  const date = new Date(day * DAY)
  const first = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1)
  const length = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months + 1, 0)).getUTCDate()
  return first / DAY + Math.min(date.getUTCDate(), length) - 1
}

const monthCounts = new Map<number, number>()

/** Months since the year 0, a fraction within the month: what seasons and price cycles are computed from. */
export const monthsOf = (day: number): number => {
  const cached = monthCounts.get(day)
  if (cached !== undefined) return cached
  const date = new Date(day * DAY)
  const months = date.getUTCFullYear() * 12 + date.getUTCMonth() + (date.getUTCDate() - 1) / 31
  monthCounts.set(day, months)
  return months
}
