import { isDate } from '../data/dates.ts'
import type { Workspace } from '../data/workspace.ts'
import { dateAt } from '../data/zone.ts'
import { PolkuError } from '../errors/errors.ts'
import { scheduleOf } from './automation.ts'
import { occurrences } from './schedule.ts'
import type { Flow } from './schema.ts'

const mostDates = 4000
const day = 86_400_000

/**
 * The dates, ISO, that a backfill of a flow runs from `from` to `to`, both included: those on which its schedule was
 * due, or each day where it has none. Throws BACKFILL_RANGE for what is no past, SCHEDULE_*.
 */
export function backfillDates(flow: Flow, workspace: Workspace, from: string, to: string, now: number): string[] {
  const schedule = scheduleOf(flow, workspace)
  const refuse = (reason: string, right: string) => new PolkuError('BACKFILL_RANGE', { reason, right })
  for (const date of [from, to]) if (!isDate(date)) throw refuse(`${date} is no date`, 'Dates such as 2026-10-01.')
  if (from > to) throw refuse(`${from} is after ${to}`, 'The earlier date as --from, the later as --to.')
  // The dates of a schedule are those of its clocks.
  const today = schedule ? dateAt(schedule.timezone, now) : workspace.today(now)
  if (to > today) throw refuse(`${to} has not come yet`, `A date up to today, ${today}.`)
  const dates = new Set<string>()
  for (const date of schedule ? scheduledDates(schedule, from, to) : eachDay(from, to)) {
    dates.add(date)
    if (dates.size > mostDates)
      throw refuse(`it is more than ${mostDates} dates`, 'A shorter time, and the rest after it.')
  }
  if (dates.size === 0)
    throw refuse(`the schedule ${schedule?.cron} has no date between ${from} and ${to}`, 'A longer time.')
  return [...dates]
}

function* scheduledDates(schedule: NonNullable<ReturnType<typeof scheduleOf>>, from: string, to: string) {
  for (const time of occurrences(schedule, Date.parse(from) - 2 * day)) {
    const date = dateAt(schedule.timezone, time)
    if (date > to) return
    if (date >= from) yield date
  }
}

function* eachDay(from: string, to: string) {
  for (let at = Date.parse(from); at <= Date.parse(to); at += day) yield new Date(at).toISOString().slice(0, 10)
}
