import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { clockAt, dateAt, isZone } from '../../../runtime/data/zone.ts'
import { occurrences, type Schedule, scheduleFault } from '../../../runtime/flow/schedule.ts'

const helsinki = (cron: string): Schedule => ({ cron, timezone: 'Europe/Helsinki' })

/** Every time a schedule is due between two instants. */
function due(schedule: Schedule, from: string, to: string): string[] {
  const times: string[] = []
  for (const instant of occurrences(schedule, Date.parse(from) - 1)) {
    if (instant >= Date.parse(to)) break
    times.push(new Date(instant).toISOString().slice(0, 16))
  }
  return times
}

// In Helsinki clocks go from 03:00 to 04:00 on 29 March 2026, at 01:00 UTC.
const spring = ['2026-03-28T22:00Z', '2026-03-29T21:00Z'] as const
// And from 04:00 back to 03:00 on 25 October 2026, at 01:00 UTC.
const autumn = ['2026-10-24T21:00Z', '2026-10-25T22:00Z'] as const

describe('the hour that daylight saving skips', () => {
  test('a time in it is due once, at the change', () => {
    expect(due(helsinki('30 3 * * *'), ...spring)).toEqual(['2026-03-29T01:00'])
    expect(due(helsinki('*/10 3 * * *'), ...spring)).toEqual(['2026-03-29T01:00'])
  })

  test('a time in it and one at its end are one', () => {
    expect(due(helsinki('0 3,4 * * *'), ...spring)).toEqual(['2026-03-29T01:00'])
  })

  test('other times of the day are due as ever', () => {
    expect(due(helsinki('30 2,4 * * *'), ...spring)).toEqual(['2026-03-29T00:30', '2026-03-29T01:30'])
  })

  test('a schedule of every hour is due at each hour that passes', () => {
    expect(due(helsinki('0 * * * *'), ...spring)).toHaveLength(23)
    expect(due(helsinki('*/30 * * * *'), '2026-03-29T00:00Z', '2026-03-29T02:00Z')).toEqual([
      '2026-03-29T00:00',
      '2026-03-29T00:30',
      '2026-03-29T01:00',
      '2026-03-29T01:30',
    ])
  })
})

describe('the hour that daylight saving repeats', () => {
  test('a time in it is due once, the first time', () => {
    expect(due(helsinki('30 3 * * *'), ...autumn)).toEqual(['2026-10-25T00:30'])
    expect(due(helsinki('0,30 3 * * *'), ...autumn)).toEqual(['2026-10-25T00:00', '2026-10-25T00:30'])
  })

  test('a schedule of every hour is due at each hour that passes', () => {
    expect(due(helsinki('0 * * * *'), ...autumn)).toHaveLength(25)
    expect(due(helsinki('0 * * * *'), '2026-10-25T00:00Z', '2026-10-25T03:00Z')).toEqual([
      '2026-10-25T00:00',
      '2026-10-25T01:00',
      '2026-10-25T02:00',
    ])
  })
})

test('half hours, and clocks that change at midnight', () => {
  expect(due({ cron: '0 6 * * *', timezone: 'Asia/Kolkata' }, '2026-06-01T00:00Z', '2026-06-02T00:00Z')).toEqual([
    '2026-06-01T00:30',
  ])
  // In Beirut clocks go from 00:00 to 01:00 on 29 March 2026, at 22:00 UTC.
  expect(due({ cron: '30 0 * * *', timezone: 'Asia/Beirut' }, '2026-03-28T20:00Z', '2026-03-29T20:00Z')).toEqual([
    '2026-03-28T22:00',
  ])
})

test('a year of any daily time has each day once, at that time wherever clocks show it', () => {
  const zones = [
    'Europe/Helsinki',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kolkata',
    'America/St_Johns',
    'UTC',
  ]
  fc.assert(
    fc.property(fc.nat(23), fc.nat(59), fc.constantFrom(...zones), (hour, minute, timezone) => {
      const times = due({ cron: `${minute} ${hour} * * *`, timezone }, '2026-01-05T00:00Z', '2027-01-05T00:00Z').map(
        (time) => Date.parse(`${time}Z`),
      )
      expect(new Set(times.map((time) => dateAt(timezone, time))).size).toBe(times.length)
      expect(times).toHaveLength(365)
      const clocks = times.map((time) => new Date(clockAt(timezone, time)).toISOString().slice(11, 16))
      const expected = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`
      expect(clocks.filter((clock) => clock !== expected).length).toBeLessThanOrEqual(1)
    }),
    { numRuns: 12, seed: 2026 },
  )
})

const now = Date.parse('2026-11-22T00:00Z')

test.each([
  ['0 0 30 2 *', 'SCHEDULE_NEVER'],
  ['0 0 31 4,6 *', 'SCHEDULE_NEVER'],
  ['0 25 * * *', 'SCHEDULE_CRON'],
  ['0 6 * *', 'SCHEDULE_CRON'],
  ['0 0 6 * * *', 'SCHEDULE_CRON'],
  ['', 'SCHEDULE_CRON'],
  ['H 6 * * *', 'SCHEDULE_CRON'],
  ['@dayly', 'SCHEDULE_CRON'],
  ['0 6 * * MUN', 'SCHEDULE_CRON'],
  [`0 ${'6,'.repeat(2000)}7 * * *x`, 'SCHEDULE_CRON'],
])('%s is refused', (cron, code) => {
  expect(scheduleFault(helsinki(cron), now)?.code).toBe(code)
})

test.each(['0 6 * * MON', '@daily', '0 0 29 2 *', '0 0 L * *', '0 9 * * 1#1', '15 8-17/3 * * 1-5', '0 0 31 4 FRI'])(
  '%s is kept',
  (cron) => {
    expect(scheduleFault(helsinki(cron), now)).toBeUndefined()
  },
)

test('a time zone that is not there is told', () => {
  expect(scheduleFault({ cron: '@daily', timezone: 'Europe/Helsinky' }, now)?.toProblem()).toMatchObject({
    code: 'SCHEDULE_ZONE',
    actual: 'Europe/Helsinky',
  })
  expect(isZone('+02:00')).toBe(false)
})
