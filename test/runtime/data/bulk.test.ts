import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sql } from '../../../nodes/lib/sql.ts'
import type { ColumnData } from '../../../nodes/node.ts'
import { readChunks, readColumns, writeChunks, writeColumns } from '../../../runtime/data/bulk.ts'
import { withDatabase } from '../database.ts'

// Texts of every kind DuckDB can hold: no NUL and no half of a surrogate pair.
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', ' ', 'Ääkkösiä öljyssä', '"', "'", '\\', 'NULL', 'nan', '\n\r\t', '🙂 שלום', '\u202e'),
)
const cell = fc.record({
  number: fc.oneof(fc.double({ noNaN: true }), fc.constant(Number.NaN), fc.constantFrom(-0, Number.MAX_VALUE, 5e-324)),
  integer: fc.integer(),
  name: fc.option(
    text.filter((value) => !value.includes('\0')),
    { nil: null },
  ),
})
type Cell = { number: number; integer: number; name: string | null }

const toColumns = (cells: readonly Cell[]) => ({
  number: Float64Array.from(cells, (one) => one.number),
  integer: Int32Array.from(cells, (one) => one.integer),
  'a "quoted" näme': cells.map((one) => one.name),
})

/** Rows that repeat `cells` until there are `rows` of them, so that vectors and chunks are crossed. */
const repeated = (cells: readonly Cell[], rows: number): Cell[] =>
  Array.from({ length: rows }, (_, index) => cells[index % cells.length] as Cell) // there is at least one

const plain = (data: ColumnData | Int32Array | readonly (string | null)[]) => Array.from<number | string | null>(data)

describe('columns in bulk', () => {
  test('come back as they were written', () =>
    withDatabase((database) =>
      fc.assert(
        fc.asyncProperty(
          fc.array(cell, { minLength: 1, maxLength: 20 }),
          fc.constantFrom(1, 7, 2047, 2048, 2049, 5000),
          async (cells, rows) => {
            const written = toColumns(repeated(cells, rows))
            const table = await writeColumns(database, written)
            expect(table.columns.map(({ type }) => type)).toEqual(['DOUBLE', 'INTEGER', 'VARCHAR'])
            const read = await readColumns(database, sql`from ${table}`)
            for (const [name, data] of Object.entries(written)) expect(plain(read[name] ?? [])).toEqual(plain(data))
            await database.drop('table', table.relation)
          },
        ),
        { numRuns: 40 },
      ),
    ))

  test('give NaN for NULL, days for dates, 0 and 1 for booleans, numbers for money', () =>
    withDatabase(async (database) => {
      const read = await readColumns(
        database,
        sql`select * from (values
          (1::tinyint, 12.34::decimal(18, 2), date '1970-01-03', timestamp '1970-01-02 12:00:00', true, 'a', 170141183460469231731687303715884105727::hugeint),
          (null, null, null, null, null, null, null),
          (-1, -0.01, date '1969-12-31', timestamp '1969-12-31 00:00:00', false, '', -1)) as t(tiny, money, day, moment, flag, name, huge)`,
      )
      expect(Object.fromEntries(Object.entries(read).map(([name, data]) => [name, plain(data)]))).toEqual({
        tiny: [1, Number.NaN, -1],
        money: [12.34, Number.NaN, -0.01],
        day: [2, Number.NaN, -1],
        moment: [1.5, Number.NaN, -1],
        flag: [1, Number.NaN, 0],
        name: ['a', null, ''],
        huge: [2 ** 127, Number.NaN, -1],
      })
    }))

  test('of no row are empty, with their kinds', () =>
    withDatabase(async (database) => {
      const read = await readColumns(database, sql`select 1 as number, 'x' as name where false`)
      expect(read).toEqual({ number: new Float64Array(0), name: [] })
      const table = await writeColumns(database, { number: new Float64Array(0), name: [] })
      expect(await database.rows(sql`select count(*) as n from ${table}`)).toEqual([{ n: 0 }])
    }))

  test('of different lengths are refused', () =>
    withDatabase(async (database) => {
      await expect(writeColumns(database, { a: new Float64Array(2), b: ['x'] })).rejects.toThrow(RangeError)
    }))
})

describe('chunks', () => {
  test('lose no row though other work goes on between them', () =>
    withDatabase(async (database) => {
      const rows = 300_000
      const query = sql`select range::double as value, 'n' || range as name from range(${rows})`
      let count = 0
      let sum = 0
      for await (const chunk of readChunks(database, query, 10_000)) {
        expect(chunk.columns.name).toHaveLength(chunk.rows)
        for (const value of chunk.columns.value as Float64Array) sum += value // a number column
        count += chunk.rows
        // Anything else asked of the same database must not end the stream.
        await database.rows(sql`select 1`)
        await writeColumns(database, { again: new Float64Array(3) })
      }
      expect(count).toBe(rows)
      expect(sum).toBe((rows * (rows - 1)) / 2)
    }))

  test('can be written while they are read', () =>
    withDatabase(async (database) => {
      const doubled = async function* () {
        for await (const { columns } of readChunks(database, sql`select range::double as value from range(150000)`))
          yield { value: (columns.value as Float64Array).map((value) => value * 2) } // a number column
      }
      const table = await writeChunks(database, doubled())
      expect(await database.rows(sql`select count(*) as n, sum(value) as total from ${table}`)).toEqual([
        { n: 150_000, total: 150_000 * 149_999 },
      ])
    }))

  test('can be left early', () =>
    withDatabase(async (database) => {
      for await (const chunk of readChunks(database, sql`select range as value from range(1000000)`, 2048)) {
        expect(chunk.rows).toBeGreaterThan(0)
        break
      }
      expect(await database.rows(sql`select 1 as one`)).toEqual([{ one: 1 }])
    }))
})
