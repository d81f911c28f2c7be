import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import * as bulk from '../../../../runtime/data/bulk.ts'
import { mimeSymbol } from '../../../../runtime/notebook/api/mime.ts'
import type { Table } from '../../../../runtime/notebook/api/table.ts'
import { failure, withNotebook } from './opened.ts'

const bundleOf = async (table: Table) => {
  const bundle = await table[mimeSymbol]()
  return { html: String(bundle['text/html']), text: String(bundle['text/plain']) }
}

describe('SQL', () => {
  test('asks tables, results and values; `this` is the table itself, also beside common table expressions', () =>
    withNotebook(async (workspace) => {
      const orders = await workspace.import.csv({}, { path: 'data/orders.csv' })
      const customers = await workspace.import.csv({}, { path: 'data/customers.csv' })
      const joined =
        await workspace.sql`select * from ${orders} join ${customers.rows} using (customer_id) where amount > ${20}`
      expect(joined.count()).toBe((await orders.rows.sql`from this where amount > 20`).count())
      const best = await orders.rows.sql`
        with big as (from this where amount > ${50}) select count(*) as n, max(amount) as most from big`
      expect(await best.toRows()).toEqual([{ n: 5, most: 240 }])
      const some =
        await workspace.sql`select customer_id from ${orders} where customer_id in (${[1, 3, "x'"].slice(0, 2)}) order by all`
      expect([...((await some.toArrays()).customer_id as Float64Array)]).toEqual([1, 1, 3, 3, 3])
      expect((await workspace.sql`from ${orders} where category = ${"'; drop table x --"}`).count()).toBe(0)
      expect(
        await (await workspace.sql`select ${1e300} as big, ${new Date(0)} as at, ${null} as nothing`).toRows(),
      ).toEqual([{ big: 1e300, at: '1970-01-01 00:00:00', nothing: null }])
    }))

  test('is done once, unless chance, the clock or a file decides', () =>
    withNotebook(async (workspace, root) => {
      const orders = await workspace.import.csv({}, { path: 'data/orders.csv' })
      const sum = () => workspace.sql`select sum(amount) as total from ${orders}`
      const written = vi.spyOn(workspace.engine.database, 'writeParquet')
      const times = async (ask: () => Promise<Table>) => {
        written.mockClear()
        await ask()
        await ask()
        return written.mock.calls.length
      }
      expect(await times(sum)).toBe(1)
      expect(await times(() => workspace.sql`with a as (from range(3)) from a`)).toBe(1)
      expect(await times(() => workspace.sql`select random() as r from ${orders}`)).toBe(2)
      expect(await times(() => workspace.sql`select current_date as today, now() as now`)).toBe(2)
      expect(await times(() => workspace.sql`from ${orders} using sample 3`)).toBe(2)
      const file = join(root, 'data', 'more.csv')
      writeFileSync(file, 'a\n1\n')
      const read = () => workspace.sql`from read_csv(${file})`
      expect((await read()).count()).toBe(1)
      writeFileSync(file, 'a\n1\n2\n')
      expect((await read()).count()).toBe(2)
    }))

  test.each([
    ['what is no SQL', ['selct 1'], 'SQL_INVALID: The query cannot be done: syntax error'],
    ['an unknown column', ['select amuont from (select 1 as amount)'], 'Candidate bindings: "amount"'],
    [
      'an unknown table',
      ['from orders'],
      'SQL_INVALID: The query cannot be done: Table with name orders does not exist!',
    ],
    [
      'two columns of one name',
      ['select 1 as a, 2 as A'],
      'SQL_INVALID: The query cannot be done: it gives two columns called A.',
    ],
    [
      'a file outside the workspace',
      ["from read_text('/etc/passwd')"],
      'SQL_INVALID: The query cannot be done: Cannot access file',
    ],
    [
      'a value that cannot be converted',
      ["select 'x'::integer as a"],
      'SQL_INVALID: The query cannot be done: Could not convert',
    ],
    ['two statements', ['select 1; select 2'], 'SQL_INVALID'],
  ])('tells %s', (_, strings, expected) =>
    withNotebook(async (workspace) => {
      const template = Object.assign(strings, { raw: strings })
      expect(await failure(workspace.sql(template))).toContain(expected)
    }),
  )

  test('tells what a hole cannot hold', () =>
    withNotebook(async (workspace) => {
      const unfinished = workspace.import.csv({}, { path: 'data/orders.csv' })
      expect(await failure(workspace.sql`from ${unfinished}`)).toContain('its hole 1 holds a promise.')
      expect(await failure(workspace.sql`from ${{ a: 1 }}`)).toContain('its hole 1 holds an object.')
    }))
})

describe('showing', () => {
  test('escapes every name and value', () =>
    withNotebook(async (workspace) => {
      const hostile = '<img src=x onerror="alert(1)">'
      const table = await workspace.fromRows([
        { [hostile]: '</td><script>alert(1)</script>', '"; drop table x; --': 1, 'a\u202eb': 'c\u202ed' },
        { [hostile]: '&lt;b&gt;', '"; drop table x; --': 2, 'a\u202eb': null },
      ])
      const { html, text } = await bundleOf(table)
      expect(html).not.toMatch(/<script|<img|onerror="|\u202e/)
      expect(html).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;')
      expect(html).toContain('&lt;/td&gt;&lt;script&gt;')
      expect(html).toContain('&amp;lt;b&amp;gt;')
      expect(text).toContain('2 rows, 3 columns')
      expect(
        html.replaceAll(/<\/?(table|caption|thead|tbody|tr|th|td|small|br|svg|rect|bdi)\b[^<>]*>/g, ''),
      ).not.toContain('<')
    }))

  test('says types, missing shares, ranges and how values are spread', () =>
    withNotebook(async (workspace) => {
      const table = await workspace.sql`
        select case when range % 4 = 0 then null else range end as id, 'same' as word, range % 2 = 0 as even,
          date '2026-01-01' + cast(range as integer) as day from range(100)`
      const { html, text } = await bundleOf(table)
      expect(html).toContain('100 rows, 4 columns')
      expect(html).toContain('25 % missing')
      expect(html).toContain('1 – 99')
      expect(html).toContain('about 1 different')
      expect(html).toContain('50 % true')
      expect(html).toContain('2026-01-01 – 2026-04-10')
      expect(text).toContain('BIGINT, 25 % missing')
      // Ten equal parts of the days, none of which missing values swell.
      const bars = [...html.matchAll(/<svg.*?<\/svg>/g)].map(([svg]) =>
        [...svg.matchAll(/height="(\d+)" fill/g)].map(([, tall]) => tall),
      )
      expect(bars[1]).toEqual(new Array(10).fill('22'))
      expect(bars[0]).toHaveLength(10)
      expect(Math.min(...(bars[0] ?? []).map(Number))).toBeGreaterThan(18)
    }))

  test('takes empty, infinite, nested, huge and very many columns', () =>
    withNotebook(async (workspace) => {
      expect((await bundleOf(await workspace.sql`select 1 as a where false`)).html).toContain('0 rows, 1 column')
      const odd = await workspace.sql`
        select 'inf'::double as a, 'nan'::double as b, 'infinity'::date as c, {'x': [1]} as d, 1e308 as e
        union all select -1e308, 2, date '2020-01-01', null, -1e308`
      expect((await bundleOf(odd)).html).toMatch(/1e\+308[\s\S]*50 % missing/)
      const long = await workspace.fromArrays({ text: ['x'.repeat(5_000_000)] })
      expect((await bundleOf(long)).html.length).toBeLessThan(2000)
      const wide = await workspace.fromArrays(Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`c${n}`, [n]])))
      expect((await bundleOf(wide)).html).toContain('the first 40 columns are shown')
    }))

  test('loads no rows of a table of a million', () =>
    withNotebook(async (workspace) => {
      const table = await workspace.sql`
        select range as id, hash(range) % 1000 as amount, 'name ' || range as name from range(1000000)`
      const arrays = [vi.spyOn(bulk, 'readColumns'), vi.spyOn(bulk, 'readChunks')]
      const rows = vi.spyOn(workspace.engine.database, 'rows')
      const { html } = await bundleOf(table)
      expect(html).toContain('1\u00a0000\u00a0000 rows')
      expect(html).toContain('0 – 999999')
      for (const read of arrays) expect(read).not.toHaveBeenCalled()
      const results = await Promise.all(rows.mock.results.map(({ value }) => value as Promise<unknown[]>)) // `rows` gives lists
      expect(results.reduce((sum, one) => sum + one.length, 0)).toBeLessThan(15)
      // What would tell if it did.
      await table.toArrays('id')
      expect(arrays[0]).toHaveBeenCalledOnce()
      // The sample is the same each time.
      expect((await bundleOf(table)).html).toBe(html)
    }))
})

describe('arrays and rows', () => {
  test('go in and come out as they are', () =>
    withNotebook(async (workspace) => {
      const day = new Date('2026-03-01')
      const columns = {
        whole: [1, null, 3],
        number: Float64Array.of(0.5, Number.NaN, -0.25),
        big: [2n ** 60n, null, 1n],
        text: ['ä\u0000'.slice(0, 1), '', null],
        flag: [true, null, false],
        day: [day, null, new Date('2026-03-02')],
        time: [new Date('2026-03-01T10:20:30.123Z'), null, null],
        small: Int8Array.of(1, -2, 3),
      }
      const table = await workspace.fromArrays(columns)
      expect(Object.fromEntries(table.columns().map(({ name, type }) => [name, type]))).toEqual({
        whole: 'BIGINT',
        number: 'DOUBLE',
        big: 'BIGINT',
        text: 'VARCHAR',
        flag: 'BOOLEAN',
        day: 'DATE',
        time: 'TIMESTAMP',
        small: 'INTEGER',
      })
      const back = await table.toArrays('text', 'number', 'flag', 'day')
      expect(back).toEqual({
        text: ['ä', '', null],
        number: columns.number,
        flag: Float64Array.of(1, Number.NaN, 0),
        day: Float64Array.of(day.getTime() / 86_400_000, Number.NaN, day.getTime() / 86_400_000 + 1),
      })
      expect(await table.toRows(1)).toMatchObject([
        { whole: 1, text: 'ä', flag: true, day: '2026-03-01', time: '2026-03-01 10:20:30.123' },
      ])
      expect((await (await workspace.sql`select big::varchar as big from ${table}`).toArrays()).big).toEqual([
        '1152921504606846976',
        null,
        '1',
      ])
      expect(await table.toRows(0)).toEqual([])
      expect(await failure(table.toRows(-1))).toContain('SETTING_INVALID: The setting limit is -1.')
      // Equal content is the same table.
      expect((await workspace.fromArrays(columns)).hash).toBe(table.hash)
      expect(await failure(table.toArrays('txet'))).toContain('has no column txet. Did you mean text?')
    }))

  test('rows may lack keys, and an inherited key is none', () =>
    withNotebook(async (workspace) => {
      const table = await workspace.fromRows([{ a: 1 }, { b: 'x', ['__proto__']: 5 }, Object.create({ a: 9 })])
      expect(await table.toRows()).toEqual([
        { a: 1, b: null, ['__proto__']: null },
        { a: null, b: 'x', ['__proto__']: 5 },
        { a: null, b: null, ['__proto__']: null },
      ])
    }))

  test.each([
    ['no column', {}, 'it has no column.'],
    ['different lengths', { a: [1], b: [1, 2] }, 'a has 1 values and b has 2.'],
    ['values of several kinds', { a: [1, 'x'] }, 'value 2 of a is "x"'],
    ['objects', { a: [{}] }, 'value 1 of a is an object'],
    ['a date that is none', { a: [new Date('x')] }, 'value 1 of a is a Date'],
    ['names that DuckDB takes for one', { a: [1], A: [2] }, 'two columns are called A.'],
    ['a column without a name', { '': [1] }, 'a column has no name.'],
    ['what is no list', { a: 5 }, 'a is 5.'],
  ])('refuse %s', (_, columns, expected) =>
    withNotebook(async (workspace) => {
      const wrong = columns as Parameters<typeof workspace.fromArrays>[0] // wrong on purpose
      expect(await failure(workspace.fromArrays(wrong))).toContain(
        `TABLE_INVALID: This cannot be made a table: ${expected}`,
      )
    }),
  )
})
