import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sql } from '../../../nodes/lib/sql.ts'
import { type Bench, openBench } from '../one-node.ts'

let bench: Bench
beforeAll(() => {
  bench = openBench()
})
afterAll(() => bench.close())

const name = 'quality/duplicates'
const by = (column: string, normalise = 'exact') => ({ column, normalise })

describe('whatever the records', () => {
  const record = fc.record({
    email: fc.constantFrom('a@x.example', 'A@x.example ', 'b@x.example', 'nonsense', null),
    phone: fc.constantFrom('040 555 1234', '+358405551234', '0405559999', '1', null),
    value: fc.option(fc.integer({ min: 0, max: 3 }), { nil: null }),
  })

  test('everybody is in one cluster, and golden keeps one record of each', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 25 }), async (records) => {
        const rows = records.map(
          ({ email, phone, value }, index) =>
            sql`select cast(${index} as integer) as customer_id, cast(${email} as varchar) as email, cast(${phone} as varchar) as phone, cast(${value} as integer) as value`,
        )
        const customers = rows.reduce((all, row) => sql`${all} union all ${row}`)
        const tried = await bench.run(name, {
          inputs: { customers },
          with: {
            match: [[by('email', 'email')], [by('phone', 'phone')]],
            survivorship: [{ column: 'value', rule: 'max' }],
          },
        })
        expect(tried.record.problem).toBeUndefined()
        const clusters = await tried.rows('clusters')
        const golden = await tried.rows('golden')
        expect(clusters.map((row) => row.customer_id).sort((a, b) => Number(a) - Number(b))).toEqual([
          ...records.keys(),
        ])
        const survivors = new Set(clusters.map((row) => row.survivor_id))
        expect(new Set(golden.map((row) => row.customer_id))).toEqual(survivors)
        expect(golden).toHaveLength(survivors.size)
        for (const [id, members] of Map.groupBy(clusters, (row) => row.cluster_id)) {
          expect(members.every((row) => Number(row.cluster_size) === members.length)).toBe(true)
          expect(new Set(members.map((row) => row.survivor_id)).size).toBe(1)
          expect(Math.min(...members.map((row) => Number(row.customer_id)))).toBe(id)
          const values = members.flatMap((row) => records[Number(row.customer_id)]?.value ?? [])
          const survivor = golden.find((row) => row.customer_id === members[0]?.survivor_id)
          expect(survivor?.value).toBe(values.length > 0 ? Math.max(...values) : null)
          expect(survivor?.records).toBe(members.length)
        }
      }),
      { numRuns: 10 },
    )
  })
})

describe('many records', () => {
  test('a value that very many share costs no more than others, and needs to be allowed', async () => {
    const customers = sql`
      select i as customer_id, case when i < 60000 then 'info@firma.example' else 'a' || i || '@firma.example' end as email
      from range(100000) r(i)`
    const match = [[by('email', 'email')]]
    const refused = await bench.run(name, { inputs: { customers }, with: { match } })
    expect(refused.metric('duplicates').value).toBe(0)
    expect(refused.metric('shared_values').value).toBe(1)
    expect(await refused.rows('shared')).toEqual([{ rule: 'email', value: 'info@firma.example', records: 60000 }])
    expect(refused.warnings).toEqual([expect.stringContaining('email “info@fir…” (60\u202f000 records)')])
    const allowed = await bench.run(name, { inputs: { customers }, with: { match, maxGroup: 60000 } })
    expect(allowed.metric('duplicates').value).toBe(59_999)
    expect(allowed.metric('largest_cluster').value).toBe(60_000)
    expect(allowed.warnings).toEqual([])
  })

  test('rules that chain strangers together are warned of', async () => {
    // Each record shares its e-mail with the one before and its telephone with the one after.
    const customers = sql`
      select i as customer_id, 'a' || (i // 2) || '@x.example' as email, '040555' || lpad(cast((i + 1) // 2 as varchar), 4, '0') as phone
      from range(100) r(i)`
    const match = [[by('email', 'email')], [by('phone', 'phone')]]
    const tried = await bench.run(name, { inputs: { customers }, with: { match } })
    expect(tried.metric('largest_cluster').value).toBe(100)
    expect(tried.warnings).toEqual([expect.stringContaining('One person has 100 records')])
  })

  test('a rule may name a column twice, and a column may serve several rules in several ways', async () => {
    const customers = sql`select i as customer_id, ['Aino', 'aino', 'AI NO'][i] as name from (values (1), (2), (3)) r(i)`
    const match = [[by('name', 'text'), by('name', 'text')], [by('name', 'name')], [by('name')]]
    const tried = await bench.run(name, { inputs: { customers }, with: { match } })
    expect((await tried.rows('clusters')).map((row) => row.matched_by)).toEqual([
      'name (text), name (name)',
      'name (text), name (name)',
      'name (name)',
    ])
  })
})
