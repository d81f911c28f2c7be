import { CronExpressionParser } from 'cron-parser'
import { isZone, zoneDay } from '../data/zone.ts'
import { PolkuError } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'

// cron-parser says on which days, in UTC; the zone's clocks are ours. Compared with its own zones (luxon's): those run a
// time that clocks skip an hour late instead of at the change, and take 25 ms for twenty weekly times instead of 9.

const minute = 60_000
const day = 24 * 60 * minute

const names = ['@hourly', '@daily', '@weekly', '@monthly', '@yearly', '@weekdays', '@weekends']

const cronForm = 'Minute, hour, day of the month, month and day of the week, such as 0 6 * * MON.'

/** When a flow runs by itself. */
export interface Schedule {
  readonly cron: string
  readonly timezone: string
}

const never = (cron: string): PolkuError => new PolkuError('SCHEDULE_NEVER', { cron, actual: cron })

interface Cron {
  readonly hours: readonly number[]
  readonly minutes: readonly number[]
  /** Whether it goes by the hours that pass, not by the hours that clocks show. */
  readonly isHourly: boolean
  /** Midnights, as if they were UTC, of the days it names after `from`, in order. */
  days(from: number): Generator<number>
}

/** Throws SCHEDULE_CRON with what cannot be read. */
function parseCron(cron: string): Cron {
  const text = cron.trim()
  const fault = (reason: string, right = cronForm) =>
    new PolkuError('SCHEDULE_CRON', { cron: text, reason, actual: text, right })
  if (text.startsWith('@') && !names.includes(text)) throw fault('there is no such name', nearest(text, names, 'name'))
  const fields = text.split(/\s+/).filter(Boolean).length
  if (!text.startsWith('@') && fields !== 5) throw fault(`it has not 5 parts but ${fields}`)
  // A random time would be another one after each start.
  if (/(^|[\s,])H/.test(text)) throw fault('H is not known here')
  try {
    const { fields, text: whole } = parsed(text, 0)
    const [, hour = '', date, month, weekday] = whole.split(' ')
    return {
      hours: fields.hour.values.map(Number),
      minutes: fields.minute.values.map(Number),
      isHourly: /^[*?]/.test(hour),
      days: (from) => stepping(`0 0 ${date} ${month} ${weekday}`, from),
    }
  } catch (error) {
    if (error instanceof Error && /day of month/.test(error.message)) throw never(text)
    throw fault(error instanceof Error ? error.message.replace(/\.$/, '') : String(error))
  }
}

function parsed(text: string, from: number) {
  const expression = CronExpressionParser.parse(text, { tz: 'UTC', currentDate: new Date(from) })
  return { fields: expression.fields, text: expression.stringify(), next: () => expression.next().getTime() }
}

function* stepping(text: string, from: number): Generator<number> {
  const { next } = parsed(text, from)
  for (;;) {
    let time: number
    try {
      time = next()
    } catch {
      // It has looked far ahead: there is none.
      return
    }
    yield time
  }
}

/**
 * The instants, in ms since 1970, at which a schedule is due after `after`, in order. Hours are those that clocks in its
 * zone show. Where they skip the time, it is due once at the change; where they repeat it, the first time. A schedule
 * of every hour (`*`) is due at every hour that passes. Throws SCHEDULE_CRON, SCHEDULE_ZONE.
 */
export function* occurrences({ cron, timezone }: Schedule, after: number): Generator<number> {
  if (!isZone(timezone)) throw new PolkuError('SCHEDULE_ZONE', { timezone, actual: timezone })
  const { hours, minutes, isHourly, days } = parseCron(cron)
  let last = after
  for (const midnight of days(Math.floor(after / day) * day - 2 * day - 1)) {
    const { instants, change } = zoneDay(timezone, midnight)
    const due = hours.flatMap((hour) =>
      minutes.flatMap((past) => {
        const times = instants(midnight + (hour * 60 + past) * minute)
        if (isHourly) return times
        return times.slice(0, 1).concat(times.length === 0 ? [change] : [])
      }),
    )
    for (const instant of due.sort((left, right) => left - right)) {
      if (instant <= last) continue
      last = instant
      yield instant
    }
  }
}

/** The fault of a schedule; undefined for one that can be kept. `now` is in ms since 1970. */
export function scheduleFault(schedule: Schedule, now: number): PolkuError | undefined {
  try {
    const next = occurrences(schedule, now).next()
    return next.done ? never(schedule.cron) : undefined
  } catch (error) {
    if (error instanceof PolkuError) return error
    throw error
  }
}
