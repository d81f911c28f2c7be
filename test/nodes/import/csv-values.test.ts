import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Importer, metricOf, openImporter, warningsOf } from './importing.ts'

// What values mean, and that none is lost, in files of which little or nothing is said.

let importer: Importer
beforeAll(async () => {
  importer = await openImporter()
})
afterAll(() => importer.close())

const typesOf = (columns: readonly { name: string; type: string }[]): Record<string, string> =>
  Object.fromEntries(columns.map(({ name, type }) => [name, type]))

describe('values', () => {
  test('codes, telephone numbers, long numbers and numbers that lose digits stay text', async () => {
    const { columns } = await importer.run(
      'zip,phone,iban,version,price\n00100,+358401234567,12345678901234567890,1.2.3,007.5\n',
    )
    expect(new Set(Object.values(typesOf(columns)))).toEqual(new Set(['VARCHAR']))
  })

  test('a code that comes late makes no other number of itself', async () => {
    const numbers = Array.from({ length: 30 }, (_, index) => `${10_000 + index},1.5`).join('\n')
    const { rows, rejected } = await importer.run(`zip,n\n${numbers}\n00100,2\n12e5,3\n99,1.2.3\n`, {
      types: { zip: 'integer', n: 'number' },
    })
    // Stated as integer a leading zero is nothing; the others are no numbers at all.
    expect(rows.at(-1)).toEqual({ zip: 100, n: 2 })
    expect(rejected.map(({ line }) => line)).toEqual([33, 34])
  })

  test('round numbers as R writes them are whole numbers', async () => {
    const { rows } = await importer.run('id,n\n9e+05,1\n840361,2\n4.0128e+10,3\n')
    expect(rows.map(({ id }) => id)).toEqual([900_000, 840_361, 40_128_000_000])
  })

  test('words that mean nothing are missing in numbers and dates, and texts elsewhere', async () => {
    const { rows, columns } = await importer.run('n,d,t\n1,2024-01-05,NA\nNA,NULL,x\n3,,-\n')
    expect(typesOf(columns)).toEqual({ n: 'BIGINT', d: 'DATE', t: 'VARCHAR' })
    expect(rows).toEqual([
      { n: 1, d: '2024-01-05', t: 'NA' },
      { n: null, d: null, t: 'x' },
      { n: 3, d: null, t: '-' },
    ])
    const stated = await importer.run('n,t\n1,NA\n9999,x\n', { nulls: ['9999', 'x'] })
    expect(stated.rows).toEqual([
      { n: 1, t: 'NA' },
      { n: null, t: null },
    ])
  })

  test('thousands in groups', async () => {
    const { rows } = await importer.run('a;b;c\n1 234,50;1.234,50;12\n-12 345 678,00;0,5;13\n')
    expect(rows).toEqual([
      { a: 1234.5, b: 1234.5, c: 12 },
      { a: -12_345_678, b: 0.5, c: 13 },
    ])
    const english = await importer.run('a;b\n"1,234.50";x\n0.25;y\n')
    expect(english.rows.map(({ a }) => a)).toEqual([1234.5, 0.25])
  })

  test('what could be thousands or fractions is not guessed', async () => {
    const text = 'id;n\nx;1,234\ny;5,678\n'
    const result = await importer.run(text)
    expect(typesOf(result.columns).n).toBe('VARCHAR')
    expect(warningsOf(result)).toEqual([expect.stringContaining('set decimal')])
    expect((await importer.run(text, { decimal: ',' })).rows[0]).toEqual({ id: 'x', n: 1.234 })
    // Another column of the file settles it.
    const numbers = await importer.run('id;n;m\nx;1,234;0,5\ny;5,678;1,5\n')
    expect(numbers.rows[0]).toEqual({ id: 'x', n: 1.234, m: 0.5 })
  })

  test('dates as Finns, Swedes, Britons and Americans write them', async () => {
    const { rows, columns } = await importer.run(
      'fi;se;gb;us;at\n1.2.2024;2024-02-01;13/02/2024;02/13/2024;1.2.2024 9.05\n31.12.1999;1999-12-31;01/02/2024;1/2/2024;31.12.1999 23:59\n',
    )
    expect(typesOf(columns)).toEqual({ fi: 'DATE', se: 'DATE', gb: 'DATE', us: 'DATE', at: 'TIMESTAMP' })
    expect(rows).toEqual([
      { fi: '2024-02-01', se: '2024-02-01', gb: '2024-02-13', us: '2024-02-13', at: '2024-02-01 09:05:00' },
      { fi: '1999-12-31', se: '1999-12-31', gb: '2024-02-01', us: '2024-01-02', at: '1999-12-31 23:59:00' },
    ])
  })

  test('an order of day and month that cannot be told is not guessed', async () => {
    const text = 'd;x\n01/02/2024;a\n03/04/2024;b\n'
    const result = await importer.run(text)
    expect(typesOf(result.columns).d).toBe('VARCHAR')
    expect(warningsOf(result)).toEqual([expect.stringContaining('set dateFormat')])
    const stated = await importer.run(text, { dateFormat: '%m/%d/%Y' })
    expect(stated.rows.map(({ d }) => d)).toEqual(['2024-01-02', '2024-03-04'])
  })

  test('a day that does not exist is set apart', async () => {
    const { rows, rejected } = await importer.run('id;d\n1;28.2.2023\n2;29.2.2023\n3;30.4.2023\n')
    expect(rows.map(({ d }) => d)).toEqual(['2023-02-28', '2023-04-30'])
    expect(rejected).toEqual([{ line: 3, reason: 'd is “29.2.2023”, not a date as d.m.yyyy', text: '2;29.2.2023' }])
  })

  test('a zone is heeded', async () => {
    const { rows } = await importer.run('id,t\n1,2024-01-05T10:00:00+02:00\n2,2024-01-05T10:00:00Z\n')
    expect(rows.map(({ t }) => t)).toEqual(['2024-01-05 08:00:00', '2024-01-05 10:00:00'])
  })

  test('years as column names are names', async () => {
    const { columns } = await importer.run('kunta;2022;2023\nHelsinki;658864;664028\nEspoo;305274;314024\n')
    expect(columns.map(({ name }) => name)).toEqual(['kunta', '2022', '2023'])
  })
})

describe('counts', () => {
  test('every record is a row or rejected, however bad the file', async () => {
    const text = 'a,b\n1,2\n3\n"x,4\n5,6\nz"z,7\n8,9,10\n11,"12\n'
    const result = await importer.run(text, { columns: { a: 'integer', b: 'integer' } })
    expect(result.rows).toEqual([
      { a: 1, b: 2 },
      { a: 5, b: 6 },
    ])
    expect(result.rejected.map(({ line }) => line)).toEqual([3, 4, 6, 7, 8])
    expect(metricOf(result, 'rows')).toBe(2)
    expect(metricOf(result, 'rejected')).toBe(5)
    expect(warningsOf(result)[0]).toContain('in the output rejected')
  })

  test('findings tell no value of a rejected record', async () => {
    const numbers = Array.from({ length: 20 }, (_, index) => `${index},1`).join('\n')
    const result = await importer.run(`a,b\n${numbers}\nsecret-value,2\n`, { types: { a: 'integer' } })
    expect(result.rejected[0]?.reason).toContain('secret-value')
    expect(JSON.stringify(result.findings)).not.toContain('secret-value')
  })
})
