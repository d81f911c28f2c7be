import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Generated, generate } from '../../../examples/sahkoyhtio/generator/files.ts'
import { sql } from '../../../nodes/lib/sql.ts'
import type { Row, Sql } from '../../../nodes/node.ts'
import { type Scored, scoreOf } from '../../../nodes/quality/health-check/score.ts'
import { readCustomers } from '../../examples/sahkoyhtio/reading.ts'
import { type Bench, openBench, type Tried } from '../one-node.ts'

const name = 'quality/health-check'
let bench: Bench
beforeAll(() => {
  bench = openBench()
})
afterAll(() => bench.close())

describe('an invented register whose faults are known', () => {
  const folder = mkdtempSync(join(tmpdir(), 'polku-health-'))
  let generated: Generated
  let rows: readonly Record<string, string>[]
  let tried: Tried
  let problems: Row[]

  const table = (file: string): Sql =>
    sql`select * from read_csv(${join(bench.root, file)}, header = true, delim = ',', quote = '"', all_varchar = true)`
  const settings = {
    names: ['first_name', 'last_name'],
    birthDate: 'birth_date',
    email: 'email',
    phone: 'phone',
    postalCode: 'postal_code',
    addressUpdated: 'address_updated',
    lettersPerYear: 4,
    letterPrice: 1.6,
    minimumAge: 15,
    channels: ['email', 'sms', 'phone', 'post'].map((channel) => ({
      name: channel,
      permission: `${channel}_permission`,
    })),
  }

  beforeAll(async () => {
    generated = generate({ out: folder, seed: 11, customers: 2000 })
    rows = readCustomers(folder).rows
    const field = (text: string) => `"${text.replaceAll('"', '""')}"`
    const lines = [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row))]
    writeFileSync(join(bench.root, 'customers.csv'), `${lines.map((line) => line.map(field).join(',')).join('\n')}\n`)
    for (const file of ['permissions.csv', 'postal_codes.csv'])
      writeFileSync(join(bench.root, file), readFileSync(join(folder, file)))
    tried = await bench.run(name, {
      inputs: {
        customers: table('customers.csv'),
        permissions: table('permissions.csv'),
        postal_codes: table('postal_codes.csv'),
      },
      with: settings,
      asOf: generated.options.asOf,
    })
    expect(tried.record.problem).toBeUndefined()
    problems = await tried.rows('problems')
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const who = (...rules: readonly string[]) =>
    problems
      .filter((row) => rules.includes(String(row.rule)))
      .map((row) => String(row.customer_id))
      .sort()
  const missing = (column: string) =>
    problems
      .filter((row) => row.rule === 'missing' && row.column_name === column)
      .map((row) => String(row.customer_id))
      .sort()

  test('each fault is found in exactly the customers whom it befell', () => {
    const { dirt } = generated.truth
    const sorted = (ids: readonly string[]) => [...ids].sort()
    expect(missing('email')).toEqual(sorted(dirt.missingEmail))
    expect(missing('phone')).toEqual(sorted(dirt.missingPhone))
    expect(missing('postal_code')).toEqual(sorted(dirt.missingPostalCode))
    expect(missing('birth_date')).toEqual(sorted(dirt.missingBirthDate))
    expect(who('email_form')).toEqual(sorted(dirt.invalidEmail))
    expect(who('postal_code_lost_zero')).toEqual(sorted(dirt.lostLeadingZero))
    expect(who('postal_code_unknown', 'postal_code_form')).toEqual(sorted(dirt.nonexistentPostalCode))
    expect(who('birth_date_age', 'birth_date_future', 'birth_date_form')).toEqual(sorted(dirt.impossibleBirthDate))
    expect(who('address_stale')).toEqual(sorted(dirt.staleAddress))
    expect(who('phone_form', 'key_repeated', 'address_date_form', 'address_date_future')).toEqual([])
    expect(dirt.staleAddress.length).toBeGreaterThan(100)
  })

  test('the metrics are what follows from them', () => {
    const { dirt } = generated.truth
    const value = (metric: string) => tried.metric(metric).value
    expect(value('nonexistent_postal_codes')).toBe(dirt.nonexistentPostalCode.length + dirt.lostLeadingZero.length)
    expect(value('stale_addresses')).toBe(dirt.staleAddress.length)
    expect(value('stale_address_cost')).toBeCloseTo(dirt.staleAddress.length * 4 * 1.6, 6)
    const required = [
      'customer_id',
      'first_name',
      'last_name',
      'birth_date',
      'email',
      'phone',
      'postal_code',
      'address_updated',
    ]
    const gaps =
      dirt.missingEmail.length + dirt.missingPhone.length + dirt.missingPostalCode.length + dirt.missingBirthDate.length
    expect(value('completeness')).toBeCloseTo(1 - gaps / (required.length * rows.length), 12)
    const judged = 5 * rows.length - gaps
    const invalid =
      dirt.invalidEmail.length +
      dirt.nonexistentPostalCode.length +
      dirt.lostLeadingZero.length +
      dirt.impossibleBirthDate.length
    expect(value('validity')).toBeCloseTo(1 - invalid / judged, 12)
    expect(value('uniqueness')).toBeCloseTo(1 - (value('duplicates') ?? 0) / rows.length, 12)
    expect(value('consistency')).toBeNull()
    const dimensions = ['completeness', 'validity', 'uniqueness'].map((dimension) => value(dimension) ?? 0)
    expect(value('score')).toBeCloseTo((100 * dimensions.reduce((sum, share) => sum + share, 0)) / 3, 9)
  })

  test('most of who is entered twice is found, and hardly anybody who is not', () => {
    const people = new Map<string, string>()
    for (const [first, second] of generated.truth.duplicates) people.set(second, first)
    const groups = who('same_person')
    const twice = new Set([...people.keys(), ...people.values()])
    // Namesakes who were born on the same day are found too.
    expect(groups.filter((id) => !twice.has(id)).length / groups.length).toBeLessThan(0.05)
    // Misspelt names and changed addresses hide the rest from exact keys.
    console.info(`${groups.length} surplus records found of ${people.size}`)
    expect(groups.length / people.size).toBeGreaterThan(0.5)
  })

  test('permissions are those of the file, and only an explicit yes is one', () => {
    const [header = '', ...lines] = new TextDecoder()
      .decode(readFileSync(join(folder, 'permissions.csv')))
      .trim()
      .split('\n')
    const cells = lines.map((line) => line.split(','))
    for (const [index, column] of header.split(',').entries()) {
      const channel = /^(\w+)_permission$/.exec(column)?.[1]
      if (channel === undefined) continue
      const yes = cells.filter((cell) => cell[index] === 'yes').length
      expect(tried.metric(`permission_${channel}`).value).toBeCloseTo(yes / rows.length, 12)
    }
    const any = cells.filter((cell) => cell.slice(1).includes('yes')).length
    expect(tried.metric('contactable').value).toBeCloseTo(any / rows.length, 12)
  })

  test('no finding names a customer', () => {
    const said = JSON.stringify(tried.step.findings)
    const personal = rows
      .slice(0, 200)
      .flatMap((row) => [row.customer_id, row.email, row.phone])
      .filter((text) => (text ?? '').length > 5)
    expect(personal.filter((text) => said.includes(String(text)))).toEqual([])
  })
})

describe('the score', () => {
  const weights = (overrides: Partial<Record<Scored, number>> = {}) => ({
    completeness: 1,
    validity: 1,
    uniqueness: 1,
    consistency: 1,
    ...overrides,
  })
  const shares = { completeness: 0.9, validity: 0.8, uniqueness: 1, consistency: null }

  test('is the weighted mean of what was judged', () => {
    expect(scoreOf(shares, weights(), 10)).toBeCloseTo(90, 12)
    expect(scoreOf(shares, weights({ validity: 3 }), 10)).toBeCloseTo((100 * (0.9 + 2.4 + 1)) / 5, 12)
    expect(scoreOf({ ...shares, consistency: 0.5 }, weights({ completeness: 0, validity: 0, uniqueness: 0 }), 10)).toBe(
      50,
    )
  })

  test('is nothing without a weight, and 0 without customers', () => {
    expect(scoreOf(shares, weights({ completeness: 0, validity: 0, uniqueness: 0 }), 10)).toBeNull()
    expect(scoreOf(shares, weights(), 0)).toBe(0)
  })
})
