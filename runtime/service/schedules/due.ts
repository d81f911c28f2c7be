import { occurrences } from '../../flow/schedule.ts'
import type { FlowSchedule } from './flow-state.ts'

/** How late a run may be requested without counting as missed, in ms. */
export const onTime = 60_000
/** How many missed times are made up for at once; the next look takes the next ones. */
const atOnce = 100
const day = 86_400_000

/** Which of a schedule's times are to be run, in ms since 1970. */
export interface Due {
  readonly times: readonly number[]
  /** The first of the times that are passed over; undefined where none is. */
  readonly passedOver: number | undefined
  /** Up to when the schedule has been dealt with then. */
  readonly through: number
}

/** What of a schedule is to be run at `now`, where it was dealt with up to `through`. Throws SCHEDULE_*. */
export function dueTimes(schedule: FlowSchedule, through: number, now: number): Due {
  if (schedule.missed === 'all') {
    const times = between(schedule, through, now, atOnce)
    return { times, passedOver: undefined, through: times.length === atOnce ? (times.at(-1) ?? now) : now }
  }
  const recent = between(schedule, Math.max(through, now - onTime), now)
  const times = recent.length > 0 || schedule.missed === 'none' ? recent : latest(schedule, through, now)
  const [first] = between(schedule, through, now, 1)
  return { times, passedOver: first !== undefined && first < (times[0] ?? now + 1) ? first : undefined, through: now }
}

/** The time of a schedule that follows; undefined where none does. */
export function nextTime(schedule: FlowSchedule, after: number): number | undefined {
  const next = occurrences(schedule, after).next()
  return next.done ? undefined : next.value
}

function between(schedule: FlowSchedule, after: number, until: number, most = Number.POSITIVE_INFINITY): number[] {
  const times: number[] = []
  if (after >= until) return times
  for (const time of occurrences(schedule, after)) {
    if (time > until || times.length === most) break
    times.push(time)
  }
  return times
}

/** The last time up to `now`. The days before are looked at first: a schedule of every minute has many times a year. */
function latest(schedule: FlowSchedule, through: number, now: number): number[] {
  for (const days of [2, 62, Number.POSITIVE_INFINITY]) {
    const times = between(schedule, Math.max(through, now - days * day), now)
    if (times.length > 0) return times.slice(-1)
  }
  return []
}
