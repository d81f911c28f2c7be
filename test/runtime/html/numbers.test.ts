import { describe, expect, test } from 'vitest'
import { duration } from '../../../runtime/html/durations.ts'
import {
  bytes,
  columnFormat,
  day,
  exactP,
  fixed,
  formatMetric,
  interval,
  metricValue,
  moment,
  plain,
} from '../../../runtime/html/numbers.ts'

/** The kinds of space and the word joiner as one plain space or nothing, so that expectations can be read. */
const eased = (text: string | undefined): string =>
  (text ?? '').replace(/[\u202f\u00a0]/g, ' ').replaceAll('\u2060', '')

describe('numbers of a report', () => {
  test.each([
    [12345, 'money', '12 345 €'],
    [12.345, 'money', '12.35 €'],
    [-1234567.891, 'money', '−1 234 568 €'],
    [0, 'money', '0 €'],
    [0.1234, 'share', '12.3 %'],
    [0.0061, 'share', '0.61 %'],
    [1, 'share', '100.0 %'],
    [0, 'share', '0.0 %'],
    [20412, 'count', '20 412'],
    [999, 'count', '999'],
    [2.5, 'count', '2.5'],
    [93.059, 'days', '93.1 days'],
    [1, 'days', '1 day'],
    [0.8462, 'score', '0.846'],
    [88.64, 'score', '88.6'],
    [100, 'score', '100'],
    [1, 'score', '1'],
    [0.04217, 'p', 'p = 0.042'],
    [0.00099, 'p', 'p < 0.001'],
    [0, 'p', 'p < 0.001'],
    [2054.27, 'number', '2 054'],
    [93.059, 'number', '93.06'],
    [0.31842, 'number', '0.3184'],
    [0.0000123, 'number', '1.2 × 10⁻⁵'],
    [1e300, undefined, '1.0 × 10³⁰⁰'],
    [null, 'money', '–'],
    [Number.NaN, 'count', '–'],
    [Number.POSITIVE_INFINITY, 'share', '–'],
  ] as const)('%s as %s reads %s', (value, unit, text) => {
    expect(eased(metricValue({ value, unit, currency: 'EUR' }))).toBe(text)
  })

  test('amounts are in the currency of the client, with its decimals', () => {
    const amount = (value: number, currency: string) => eased(metricValue({ value, unit: 'money', currency }))
    expect(amount(12345, 'SEK')).toBe('12 345 kr')
    expect(amount(12.345, 'GBP')).toBe('12.35 £')
    expect(amount(12.345, 'JPY')).toBe('12 ¥')
    expect(eased(interval([-12, 15.5], { unit: 'money', currency: 'SEK' }))).toBe('95 % interval −12.00 – 15.50 kr')
  })

  test('a value never breaks over two lines', () => {
    expect(metricValue({ value: 1_234_567, unit: 'money', currency: 'EUR' })).toBe('1\u202f234\u202f567\u00a0€')
    expect(interval([0.012, 0.034], { unit: 'share' })).not.toMatch(/\d .*\d /)
  })

  test('intervals are in words, in one unit and with the same decimals', () => {
    expect(eased(interval([0.012, 0.034], { unit: 'share' }))).toBe('95 % interval 1.2 – 3.4 %')
    expect(eased(interval([0.002, 0.034], { unit: 'share' }))).toBe('95 % interval 0.2 – 3.4 %')
    expect(eased(interval([-12, 1500.5], { unit: 'money', currency: 'EUR' }))).toBe('95 % interval −12 – 1 501 €')
    expect(eased(interval([0.8391, 0.8533], { unit: 'score' }))).toBe('95 % interval 0.839 – 0.853')
    expect(eased(formatMetric({ value: 0.0213, unit: 'share', interval: [0.012, 0.034] }))).toBe(
      '2.1 %, 95 % interval 1.2 – 3.4 %',
    )
  })

  test('a tiny p-value is bounded in the first line and exact in the second', () => {
    expect(eased(exactP({ value: 5.863e-258, unit: 'p' }))).toBe('exactly 5.9 × 10⁻²⁵⁸')
    expect(exactP({ value: 0.2, unit: 'p' })).toBeUndefined()
    expect(exactP({ value: 0, unit: 'p' })).toBeUndefined()
  })

  test('nothing is written as minus zero', () => {
    expect(fixed(-0.4)).toBe('0')
    expect(fixed(-0)).toBe('0')
    expect(plain(-0)).toBe('0')
  })

  test.each([
    [0, '0 ms'],
    [999.4, '999 ms'],
    [999.6, '1.0 s'],
    [34_210, '34.2 s'],
    [59_990, '1 min 0 s'],
    [200_000, '3 min 20 s'],
    [3_900_000, '1 h 05 min'],
    [3_599_700, '1 h 00 min'],
  ])('%s milliseconds read %s', (milliseconds, text) => {
    expect(eased(duration(milliseconds))).toBe(text)
  })

  test('sizes, days and moments', () => {
    expect([0, 999, 1000, 9_100_000, 5e15].map(bytes).map(eased)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '9.1 MB',
      '5 000.0 TB',
    ])
    expect(eased(day('2026-11-22'))).toBe('22 Nov 2026')
    expect(day('as of whenever')).toBe('as of whenever')
    expect(eased(moment('2026-11-22T06:00:12.418Z'))).toBe('22 Nov 2026, 06:00 UTC')
    expect(eased(moment('2026-11-22T01:30:00+02:00'))).toBe('21 Nov 2026, 23:30 UTC')
    expect(moment('text with 1 in it')).toBe('text with 1 in it')
  })

  test('a column has the same decimals all the way down', () => {
    const written = (values: number[]) => values.map(columnFormat(values)).map(eased)
    expect(written([1204, 861, 12])).toEqual(['1 204', '861', '12'])
    expect(written([725.4, 824.61])).toEqual(['725.4', '824.6'])
    expect(written([0.4211, 0.0671, 1])).toEqual(['0.421', '0.067', '1.000'])
    expect(written([1997, 2026])).toEqual(['1997', '2026'])
    expect(written([0.5, 3e-9])).toEqual(['0.5', '3.0 × 10⁻⁹'])
    expect(written([-0, 1])).toEqual(['0', '1'])
    expect(written([])).toEqual([])
  })
})
