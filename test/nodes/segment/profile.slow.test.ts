// Slow: needs the public data in ../shared/data.
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sql } from '../../../nodes/lib/sql.ts'
import type { Row } from '../../../nodes/node.ts'
import { isThere, telco } from '../../flows/real-data.ts'
import { openBench, type Tried } from '../one-node.ts'

// The reference values of ../shared/data/README.md, computed with scipy without continuity correction.
describe.skipIf(!isThere(telco))('the profile of those who left Telco', () => {
  const bench = openBench()
  afterAll(() => bench.close())
  let tried: Tried
  let tests: Row[]
  beforeAll(async () => {
    const file = join(bench.root, 'telco.csv')
    copyFileSync(telco, file)
    tried = await bench.run('segment/profile', {
      inputs: { customers: sql`select * from read_csv(${file})` },
      with: {
        group: "cast(\"Churn\" as varchar) in ('Yes', 'true')",
        columns: ['Contract', 'PaymentMethod', 'InternetService', 'TechSupport', 'gender'],
      },
    })
    expect(tried.step.problem).toBeUndefined()
    tests = await tried.rows('columns')
  })

  test.each([
    ['Contract', 1184.5966, 2],
    ['PaymentMethod', 648.1423, 3],
    ['InternetService', 732.3096, 2],
    ['TechSupport', 828.1971, 2],
    ['gender', 0.5224, 1],
  ])('has for %s a χ² of %d', (name, chiSquare, df) => {
    const row = tests.find((one) => one.column === name)
    expect(Number(row?.chi_square)).toBeCloseTo(chiSquare, 4)
    expect(row?.df).toBe(df)
  })

  test('has p-values that do not underflow', () => {
    const row = (name: string) => tests.find((one) => one.column === name)
    expect(Number(row('gender')?.p_value)).toBeCloseTo(0.4698, 4)
    expect(Number(row('Contract')?.p_value) / 5.863e-258).toBeCloseTo(1, 3)
    expect(Number(row('Contract')?.log10_p)).toBeCloseTo(Math.log10(5.863) - 258, 3)
    expect(Number(row('Contract')?.cramers_v)).toBeCloseTo(0.4101, 4)
  })

  test('has the indexes and marks of the contracts', async () => {
    const contracts = (await tried.rows('classes')).filter((row) => row.column === 'Contract')
    expect(Object.fromEntries(contracts.map((row) => [row.class, [Number(row.index).toFixed(2), row.mark]]))).toEqual({
      'Month-to-month': ['160.94', '++'],
      'One year': ['42.47', '--'],
      'Two year': ['10.67', '--'],
    })
    const genders = (await tried.rows('classes')).filter((row) => row.column === 'gender')
    expect(genders.map((row) => row.mark)).toEqual(['', ''])
  })
})
