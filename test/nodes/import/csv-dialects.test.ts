import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Importer, openImporter, warningsOf } from './importing.ts'

// Files as programs write them, with little or nothing said about them.

let importer: Importer
beforeAll(async () => {
  importer = await openImporter()
})
afterAll(() => importer.close())

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

describe('encodings', () => {
  const text = 'nimi;paikka\nÄijälä;Öölanti\nPåhlman;Åbo\n'
  test.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${text}`)],
    ['Windows-1252', latin1(text)],
    ['UTF-16 with a mark', Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['UTF-16 without a mark', Buffer.from(text, 'utf16le')],
    ['UTF-16 the other way round', Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
    ['packed Windows-1252', gzipSync(latin1(text))],
  ])('%s is found out', async (_, bytes) => {
    const { rows, rejected } = await importer.run(bytes)
    expect(rows).toEqual([
      { nimi: 'Äijälä', paikka: 'Öölanti' },
      { nimi: 'Påhlman', paikka: 'Åbo' },
    ])
    expect(rejected).toEqual([])
  })

  test('characters of Windows-1252 that ISO-8859-1 lacks', async () => {
    const { rows } = await importer.run(latin1('hinta\n5 \x80\n\x93\xe4\x94\n'))
    expect(rows).toEqual([{ hinta: '5 €' }, { hinta: '“ä”' }])
  })

  test('the euro of ISO-8859-15 where it is stated', async () => {
    const { rows } = await importer.run(latin1('a\n\xa4\n'), { encoding: 'iso-8859-15', header: true })
    expect(rows).toEqual([{ a: '€' }])
  })

  // The head is plain ASCII: only the whole file tells.
  const filler = Array.from({ length: 40_000 }, (_, index) => `K${index};plain`).join('\n')
  test('Windows-1252 whose first strange character comes late', async () => {
    const { rows, rejected } = await importer.run(latin1(`id;name\n${filler}\nlast;Mäkelä\n`))
    expect(rejected).toEqual([])
    expect(rows.at(-1)).toEqual({ id: 'last', name: 'Mäkelä' })
    expect(rows).toHaveLength(40_001)
  })

  test('a UTF-8 file in which one late record is not', async () => {
    const before = Buffer.from(`id;name\nfirst;Mäkelä\n${filler}\nbad;`)
    const { rows, rejected } = await importer.run(Buffer.concat([before, latin1('\xe4\n'), Buffer.from('last;Ääri\n')]))
    const reason = 'is not valid UTF-8: it holds the byte 0xE4'
    expect(rejected).toEqual([{ line: 40_003, reason, text: 'bad;\ufffd' }])
    expect(rows.at(-1)).toEqual({ id: 'last', name: 'Ääri' })
    expect(rows).toHaveLength(40_002)
  })

  test('UTF-8 stated for a file that turns out not to be', async () => {
    const bytes = latin1(`id;name\n${filler}\nlast;Mäkelä\n`)
    await expect(importer.run(bytes, { encoding: 'utf-8' })).rejects.toThrow(
      /is not utf-8: line 40002 holds the byte 0xE4\. Needed: encoding: windows-1252/,
    )
  })

  test('UTF-16 stated for one byte a character, and the other way round', async () => {
    await expect(importer.run(text, { encoding: 'utf-16' })).rejects.toThrow(/one byte each.*utf-8/)
    const wide = Buffer.from(text, 'utf16le')
    await expect(importer.run(wide, { encoding: 'utf-8' })).rejects.toThrow(/two bytes each.*utf-16/)
  })
})

describe('dialects', () => {
  test('decimal commas between semicolons are not taken for delimiters, with or without a header', async () => {
    const body = '1,50;2,25\n-3,00;0,75\n'
    expect((await importer.run(`a;b\n${body}`)).rows).toEqual([
      { a: 1.5, b: 2.25 },
      { a: -3, b: 0.75 },
    ])
    expect((await importer.run(body)).rows[0]).toEqual({ column_1: 1.5, column_2: 2.25 })
  })

  test('old line ends, mixed line ends and none at the end', async () => {
    const expected = [
      { a: 1, b: 'x' },
      { a: 2, b: 'y' },
    ]
    expect((await importer.run('a,b\r1,x\r2,y\r')).rows).toEqual(expected)
    expect((await importer.run('a,b\r\n1,x\n2,y')).rows).toEqual(expected)
    expect((await importer.run('a,b\n1,x\r\n2,y')).rows).toEqual(expected)
  })

  test('backslashes before quotation marks', async () => {
    const { rows, rejected } = await importer.run('id,text\n1,"a \\"b\\" c"\n2,"d"\n')
    expect(rows.map(({ text }) => text)).toEqual(['a "b" c', 'd'])
    expect(rejected).toEqual([])
  })

  test('inches are not quotation marks, and blanks before a mark are nothing', async () => {
    const { rows, rejected } = await importer.run('id,text,more\n1,5" nail, "a, b" \n2,6" nail,c\n')
    expect(rows[0]).toEqual({ id: 1, text: '5" nail', more: 'a, b' })
    expect(rows[1]).toEqual({ id: 2, text: '6" nail', more: 'c' })
    expect(rejected).toEqual([])
  })

  test('a delimiter after the last field of every row', async () => {
    const { rows, rejected } = await importer.run('a;b\n1;2;\n3;4;\n5;6;7\n')
    expect(rows.map(({ a, b }) => [a, b])).toEqual([
      [1, 2],
      [3, 4],
    ])
    expect(rejected).toEqual([{ line: 4, reason: 'has 3 fields instead of 2', text: '5;6;7' }])
  })

  test('lines above the header, with whatever in them', async () => {
    const text = 'Report "of\nmonth; all\n\nid;name\n1;a\n2;b;c\n'
    const { rows, rejected } = await importer.run(text, { skip: 2 })
    expect(rows).toEqual([{ id: 1, name: 'a' }])
    expect(rejected.map(({ line }) => line)).toEqual([6])
  })

  test('a header that spans lines', async () => {
    const { rows, columns, rejected } = await importer.run('"long\nname",b\n1,2\n3\n')
    expect(columns.map(({ name }) => name)).toEqual(['long\nname', 'b'])
    expect(rows).toEqual([{ 'long\nname': 1, b: 2 }])
    expect(rejected).toEqual([{ line: 4, reason: 'has 1 field instead of 2', text: '3' }])
  })

  test('a bad record straight behind the header is not lost', async () => {
    const { rows, rejected } = await importer.run('a,b\n"x"y,1\n1,2\n3,4\n')
    expect(rows).toHaveLength(2)
    expect(rejected.map(({ line, text }) => [line, text])).toEqual([[2, '"x"y,1']])
  })

  test('blank lines are no records, and are told', async () => {
    const result = await importer.run('a,b\n\n1,2\n   \n3,4\n\n\n')
    expect(result.rows.map(({ a }) => a)).toEqual([1, 3])
    expect(result.rejected).toEqual([])
    expect(JSON.stringify(result.findings)).toContain('blank lines')
    expect((await importer.run('a\n1\n\n2\n\n')).rows).toEqual([{ a: 1 }, { a: 2 }])
  })

  test('the wrong delimiter is told with the right one', async () => {
    const result = await importer.run('a;b;c\n1;2;3\n4;5;6\n', { delimiter: ',' })
    expect(result.columns).toEqual([{ name: 'a;b;c', type: 'VARCHAR' }])
    expect(warningsOf(result)).toEqual([expect.stringContaining('semicolons would split it')])
  })

  test('fixed width counts characters, and a short line is set apart', async () => {
    const fixedWidth = [
      { name: 'name', start: 1, width: 6 },
      { name: 'n', start: 7, width: 4, type: 'integer' },
    ]
    const { rows, rejected } = await importer.run('Mäkelä0012\nÖö      7\nshort\n', { fixedWidth })
    expect(rows).toEqual([
      { name: 'Mäkelä', n: 12 },
      { name: 'Öö', n: 7 },
    ])
    const reason = 'the line ends before its last column, which begins at character 7'
    expect(rejected).toEqual([{ line: 3, reason, text: 'short' }])
  })

  test('a name that DuckDB takes for a pattern is the file itself', async () => {
    writeFileSync(join(importer.root, 'ax.csv'), 'a,b\n7,8\n')
    const path = join(importer.root, 'a?.csv')
    writeFileSync(path, 'a,b\n1,2\n')
    expect((await importer.run('another file', { path })).rows).toEqual([{ a: 1, b: 2 }])
  })
})
