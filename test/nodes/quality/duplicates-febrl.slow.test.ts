// Slow: needs the public data in ../shared/data.
import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sql } from '../../../nodes/lib/sql.ts'
import type { Row } from '../../../nodes/node.ts'
import { sharedData } from '../../fixtures/parts.ts'
import { type Bench, openBench } from '../one-node.ts'

let bench: Bench
beforeAll(() => {
  bench = openBench()
})
afterAll(() => bench.close())

const name = 'quality/duplicates'
const by = (column: string, normalise = 'exact') => ({ column, normalise })

/** Pairs of different records that `entity` puts together, as texts. */
const pairs = (rows: readonly Row[], entity: (row: Row) => string): Set<string> => {
  const groups = Map.groupBy(rows, entity)
  const result = new Set<string>()
  for (const group of groups.values()) {
    const ids = group.map((row) => String(row.customer_id)).sort()
    for (const [index, one] of ids.entries()) for (const other of ids.slice(index + 1)) result.add(`${one} ${other}`)
  }
  return result
}

describe.each([
  // The counts are those of an independent computation in pandas (the same rules, unions over a dictionary of keys).
  { file: 'dataset1', records: 1000, truePairs: 500, foundPairs: 478 },
  { file: 'dataset2', records: 5000, truePairs: 1934, foundPairs: 1861 },
])('FEBRL $file', ({ file, records, truePairs, foundPairs }) => {
  const path = join(sharedData, 'er-febrl', `${file}.csv`)

  test.skipIf(!existsSync(path))('plain rules find nearly all of the true pairs and no others', async () => {
    copyFileSync(path, join(bench.root, `${file}.csv`))
    const tried = await bench.run(name, {
      inputs: {
        customers: sql`select * from read_csv(${join(bench.root, `${file}.csv`)}, header = true, all_varchar = true)`,
      },
      with: {
        customer: 'rec_id',
        country: 'AU',
        match: [
          [by('soc_sec_id', 'text')],
          [by('given_name', 'name'), by('surname', 'name'), by('date_of_birth', 'date')],
          [by('given_name', 'name'), by('surname', 'name'), by('address_1', 'text')],
          [by('surname', 'name'), by('date_of_birth', 'date'), by('postcode', 'text')],
        ],
      },
    })
    expect(tried.record.problem).toBeUndefined()
    const clusters = await tried.rows('clusters')
    expect(clusters).toHaveLength(records)
    const matches = pairs(clusters, (row) => String(row.cluster_id))
    const truth = pairs(clusters, (row) => String(row.customer_id).split('-')[1] ?? '')
    const right = [...matches].filter((pair) => truth.has(pair))
    console.info(`${file}: precision ${right.length / matches.size}, recall ${right.length / truth.size}`)
    expect(truth.size).toBe(truePairs)
    expect(matches.size).toBe(foundPairs)
    expect(right.length / matches.size).toBe(1)
    expect(right.length / truth.size).toBeGreaterThan(0.95)
    const golden = await tried.rows('golden')
    expect(golden.reduce((sum, row) => sum + Number(row.records), 0)).toBe(records)
    expect(golden).toHaveLength(Number(tried.metric('people').value))
  })
})
