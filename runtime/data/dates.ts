/** Whether `text` is a real calendar date in ISO form. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

/**
 * The ISO date that an as-of setting means: itself, or the run's date moved by `-3 months`. A month
 * earlier than the 31st is the last day of a shorter month.
 */
export function resolveAsOf(setting: string, runDate: string): string {
  const offset = /^([+-]?\d+) (day|week|month|year)s?$/.exec(setting)
  if (!offset) return setting
  const amount = Number(offset[1])
  const date = new Date(`${runDate}T00:00:00Z`)
  if (offset[2] === 'day' || offset[2] === 'week')
    date.setUTCDate(date.getUTCDate() + amount * (offset[2] === 'week' ? 7 : 1))
  else {
    const day = date.getUTCDate()
    date.setUTCDate(1)
    date.setUTCMonth(date.getUTCMonth() + amount * (offset[2] === 'year' ? 12 : 1))
    const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
    date.setUTCDate(Math.min(day, lastDay))
  }
  return date.toISOString().slice(0, 10)
}
