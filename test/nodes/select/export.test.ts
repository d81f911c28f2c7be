import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sql } from '../../../nodes/lib/sql.ts'
import type { NodeDefinition, RunContext, Sql } from '../../../nodes/node.ts'
import exportContacts from '../../../nodes/select/export/export.ts'
import { fileNames, folderName } from '../../../nodes/select/export/places.ts'
import { type Bench, openBench, type Trial } from '../one-node.ts'

let bench: Bench
beforeEach(() => {
  bench = openBench()
})
afterEach(() => bench.close())

const target = sql`
  select * from (values ('K1', 'email', 0.5, 'a@example.org'), ('K2', 'post', 1.25, null), ('K3', 'email', 0.5, 'c@example.org'))
    as t(customer_id, channel, cost, address)`
const control = sql`select * from (values ('K8', 'email'), ('K9', 'post')) as t(customer_id, channel)`
const settings = { campaign: 'autumn', columns: ['customer_id', 'address'] }
const trial: Trial = { inputs: { target, control }, with: settings }
const folder = () => join(bench.root, 'exports', 'autumn', '2026-10-01')
const read = (name: string) => readFileSync(join(folder(), name), 'utf8')
const files = () => Object.fromEntries(readdirSync(folder()).map((name) => [name, read(name)]))
const snapshots = () => {
  const folder = join(bench.root, '.polku', 'datasets', 'contact-history')
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : []
}
const written = {
  'email.csv': '\ufeffcustomer_id;address\nK1;a@example.org\nK3;c@example.org\n',
  'post.csv': '\ufeffcustomer_id;address\nK2;\n',
}

describe('history and files', () => {
  test('doing it again adds nothing to the history and writes the same files', async () => {
    const once = await bench.run('select/export', trial)
    expect(once.record.problem).toBeUndefined()
    expect(files()).toEqual(written)
    const again = await bench.run('select/export', trial)
    expect(again.step.cached).toBe(false)
    expect(files()).toEqual(written)
    expect(snapshots()).toEqual(['000001.json'])
    expect(await again.rows('contacts')).toEqual(await once.rows('contacts'))
  })

  test('another day or another campaign is another snapshot', async () => {
    await bench.run('select/export', trial)
    await bench.run('select/export', { ...trial, asOf: '2026-10-02' })
    await bench.run('select/export', { ...trial, with: { ...settings, campaign: 'winter' } })
    expect(snapshots()).toHaveLength(3)
  })

  test.each([
    ['somebody more', sql`${target} union all select 'K4', 'email', 0.5, 'd@example.org'`],
    ['another channel', sql`select * replace ('email' as channel) from (${target})`],
    ['another cost', sql`select * replace (cost + 0.01 as cost) from (${target})`],
    [
      'somebody else',
      sql`select * replace (case customer_id when 'K1' then 'K7' else customer_id end as customer_id) from (${target})`,
    ],
  ])('under the same campaign and date %s is refused, and files and history stay', async (_, other) => {
    await bench.run('select/export', trial)
    const refused = await bench.run('select/export', { ...trial, inputs: { target: other, control } })
    expect(refused.record.problem?.code).toBe('DATASET_KEY_TAKEN')
    expect(files()).toEqual(written)
    expect(snapshots()).toHaveLength(1)
  })

  test('what may change without contacting anybody else is written anew', async () => {
    await bench.run('select/export', trial)
    const mended = sql`select * replace (coalesce(address, 'b@example.org') as address) from (${target})`
    await bench.run('select/export', { ...trial, inputs: { target: mended, control } })
    expect(files()).toEqual({ ...written, 'post.csv': '\ufeffcustomer_id;address\nK2;b@example.org\n' })
    expect(snapshots()).toHaveLength(1)
  })

  const definition = exportContacts as unknown as NodeDefinition // the narrower generic types of one node
  const dying = (change: (context: RunContext) => Partial<RunContext>): NodeDefinition => ({
    ...definition,
    run: (inputs, params, context) => definition.run(inputs, params, { ...context, ...change(context) }),
  })

  test('after a death before the history there is neither history nor file; after one between, going on ends with both', async () => {
    const before = dying(({ datasets }) => ({
      datasets: {
        read: (name, asOf) => datasets.read(name, asOf),
        append: () => Promise.reject(new Error('killed')),
      },
    }))
    await bench.run('select/export', { ...trial, definition: before })
    expect([snapshots(), existsSync(folder())]).toEqual([[], false])

    let left = 1
    const between = dying(({ files: own }) => ({
      files: {
        temporary: (suffix) => own.temporary(suffix),
        writeParquet: (query, path) => own.writeParquet(query, path),
        writeCsv: (query, path, options) => {
          left -= 1
          return left < 0 ? Promise.reject(new Error('killed')) : own.writeCsv(query, path, options)
        },
      },
    }))
    const dead = await bench.run('select/export', { ...trial, definition: between })
    expect(dead.record.status).toBe('failed')
    expect(Object.keys(files())).toEqual(['email.csv'])
    expect(snapshots()).toHaveLength(1)

    await bench.run('select/export', trial)
    expect(files()).toEqual(written)
    expect(snapshots()).toHaveLength(1)
  })

  test('files that are not of this group go, with a word; what is no list of contacts stays', async () => {
    mkdirSync(folder(), { recursive: true })
    for (const name of ['phone.csv', 'email.csv.999999999.tmp', 'notes.txt', `post.csv.${process.pid}.tmp`])
      writeFileSync(join(folder(), name), 'K7')
    const run = await bench.run('select/export', trial)
    expect(run.warnings.join()).toContain('were removed: phone.csv')
    // The half file of a process that runs may be about to become whole.
    expect(files()).toEqual({ ...written, 'notes.txt': 'K7', [`post.csv.${process.pid}.tmp`]: 'K7' })
  })

  test('a link below the folder is not followed', async () => {
    mkdirSync(join(bench.root, 'exports'))
    mkdirSync(join(bench.root, 'elsewhere'))
    symlinkSync(join(bench.root, 'elsewhere'), join(bench.root, 'exports', 'autumn'))
    const run = await bench.run('select/export', trial)
    expect(run.record.problem?.code).toBe('select/export:link')
    expect([readdirSync(join(bench.root, 'elsewhere')), snapshots()]).toEqual([[], []])
  })

  test('the history keeps the contacted, and only them, out of the next target group', async () => {
    const run = await bench.run('select/export', trial)
    const path = join(bench.root, run.step.outputs.find(({ name }) => name === 'contacts')?.path ?? '')
    const next = await bench.run('select/target-group', {
      asOf: '2026-10-10',
      inputs: {
        customers: sql`select 'K' || i as customer_id from range(1, 10) t(i)`,
        permissions: sql`select 'K' || i as customer_id, true as email from range(1, 10) t(i)`,
        history: sql`select * from read_parquet(${path})`,
      },
      with: {
        rank: '1',
        budget: 100,
        quarantineDays: 30,
        campaign: 'winter',
        channels: [{ name: 'email', permission: 'email', cost: 1 }],
      },
    })
    expect((await next.rows('excluded')).map((row) => [row.customer_id, row.rule])).toEqual([
      ['K1', 'contacted recently'],
      ['K2', 'contacted recently'],
      ['K3', 'contacted recently'],
    ])
  })
})

/** The cells of a file with `;`, as RFC 4180 reads them. */
const cells = (text: string): string[][] => {
  const rows: string[][] = [[]]
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^;\r\n"]*))(;|\r?\n)/g)) {
    rows.at(-1)?.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'))
    if (end !== ';') rows.push([])
  }
  return rows.slice(0, -1)
}

const rowsOf = (texts: readonly string[]): Sql =>
  texts
    .map(
      (text, index) =>
        sql`select ${`K${String(index).padStart(3, '0')}`} as customer_id, 'email' as channel, 0 as cost, ${text} as text`,
    )
    .reduce((all, one) => sql`${all} union all ${one}`)

describe('cells', () => {
  const exported = async (texts: readonly string[], more: Record<string, unknown> = {}) => {
    const run = await bench.run('select/export', {
      inputs: { target: rowsOf(texts) },
      with: { ...settings, columns: ['text', 'customer_id'], bom: false, ...more },
    })
    expect(run.record.problem).toBeUndefined()
    return cells(read('email.csv'))
      .slice(1)
      .map(([text]) => text)
  }

  test('what a spreadsheet would run has an apostrophe before it', async () => {
    const runs = [
      '=1+1',
      '+1',
      '-1',
      '@SUM(A1)',
      '\t=1',
      '\r=1',
      '\n=1',
      '\tx',
      '\rx',
      '  =1',
      '＝1',
      '＋1',
      '－1',
      '＠x',
      '\u200b=1',
      '\ufeff=1',
      '\u00a0-1',
      "=cmd|' /C calc'!A0",
      '+358401234567',
      '﹦1',
    ]
    const stays = ["O'Neil", 'a=b', '1-2', '', ' x', "'=1", '"=1"', 'a;b', 'line\nbreak', '−5', 'ä', '#N/A', '5']
    const result = await exported([...runs, ...stays])
    expect(result).toEqual([...runs.map((text) => `'${text}`), ...stays])
  })

  test('no text whatsoever begins a formula, and all can be read back', async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.string({
        unit: fc.constantFrom('=', '+', '-', '@', ' ', '\t', '\r', '\n', '"', ';', ',', "'", 'a', '＝', '\u00ad'),
        maxLength: 6,
      }),
    )
    const texts = fc.sample(text, { numRuns: 300, seed: 11 }).filter((one) => !one.includes('\0'))
    const result = await exported(texts)
    expect(result).toHaveLength(texts.length)
    for (const [index, cell] of result.entries()) {
      expect(cell).toMatch(/^(?![\s\p{Cc}\p{Cf}\p{Z}]*[-=+@＝＋－＠])(?![\t\r\n])/u)
      expect([texts[index], `'${texts[index]}`]).toContain(cell)
    }
  })

  test('in a column of phone numbers those stay that are nothing else', async () => {
    const phones = ['+358 40 123 4567', '+358-40-1234567', '040 1234567', '+1 (212) 555 0100']
    const others = ['+358*2', '=358', '-358', '+A1', '+', '+358 40 123 4567=1', '+358\n=1']
    const result = await exported([...phones, ...others], { phoneColumns: ['text'] })
    expect(result).toEqual([...phones, ...others.map((text) => `'${text}`)])
  })

  test('numbers, dates and booleans stay what they are, and rows have the order that was asked for', async () => {
    const typed = sql`
      select i as customer_id, 'email' as channel, 0.0 as cost, -i as saldo, -1.5::decimal(5, 2) as price, -2.5e0 as factor,
        date '2026-01-01' + i::integer as day, i = 1 as flag, 3 - i as position, ['=1'] as list, {'a': '-1'} as thing
      from range(1, 3) t(i)`
    const columns = ['customer_id', 'saldo', 'price', 'factor', 'day', 'flag', 'list', 'thing']
    const run = await bench.run('select/export', {
      inputs: { target: typed },
      with: { campaign: 'autumn', columns, sort: 'position', bom: false, delimiter: ',' },
    })
    expect(run.record.problem).toBeUndefined()
    expect(read('email.csv')).toBe(
      `${columns.join(',')}\n2,-2,-1.50,-2.5,2026-01-03,false,['=1'],{'a': -1}\n1,-1,-1.50,-2.5,2026-01-02,true,['=1'],{'a': -1}\n`,
    )
  })
})

test('names of folders and files stay in their place and apart', () => {
  const hostile = [
    '..',
    '../x',
    '/etc/passwd',
    'a/b',
    'a\\b',
    'con',
    'A',
    'a',
    'x'.repeat(300),
    `${'x'.repeat(300)}y`,
    '',
    ' ',
    '.',
    'e\u0301',
    '\u00e9',
    'nul',
    'a:b',
    '-a',
  ]
  const folders = hostile.map(folderName)
  const names = [...fileNames(hostile).values()]
  for (const name of [...folders, ...names]) {
    expect(name).toMatch(/^[\p{L}\p{N}_][\p{L}\p{N}_-]*(\.csv)?$/u)
    expect(Buffer.byteLength(name)).toBeLessThan(200)
    expect(name).not.toMatch(/^(con|nul)(\.csv)?$/)
  }
  const folded = (list: readonly string[]) => new Set(list.map((name) => name.toLowerCase().normalize('NFC')))
  expect([folded(folders).size, folded(names).size]).toEqual([hostile.length, hostile.length])
  expect([folderName('save-at-risk'), folderName('säästö_2026')]).toEqual(['save-at-risk', 'säästö_2026'])
})
