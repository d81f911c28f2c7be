import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Imported, type Importer, openImporter } from './importing.ts'

// Tables of hostile texts, written in every dialect, must come back as they were.

let importer: Importer
beforeAll(async () => {
  importer = await openImporter()
})
afterAll(() => importer.close())

interface Written {
  readonly delimiter: string
  readonly quote: string
  readonly newline: string
  /** Quotes every value, or only those that need it. */
  readonly quoteAll: boolean
  readonly finalNewline: boolean
  readonly byteOrderMark: boolean
  readonly packed: boolean
}

const dialects: fc.Arbitrary<Written> = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|', '~'),
  quote: fc.constantFrom('"', "'"),
  newline: fc.constantFrom('\n', '\r\n'),
  quoteAll: fc.boolean(),
  finalNewline: fc.boolean(),
  byteOrderMark: fc.boolean(),
  packed: fc.boolean(),
})

const pieces = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: 'grapheme', maxLength: 6 }) },
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ...['"', "'", '""', ',', ';', '\t', '|', '~', '\n', '\r\n', '\r', ' ', '  ', '\\', '\\"', '#', 'ä', 'Ö', '€'],
      ...['0', '1', '-', '.', '00100', '12,50', '1.2.2024', '2024-01-05', 'NA', 'NULL', 'true', '\u00a0', '😀'],
    ),
  },
)
const texts = fc.array(pieces, { maxLength: 4 }).map((pieces) => pieces.join('').replaceAll(/[\0\ufeff]/g, ''))

const tables = fc
  .integer({ min: 1, max: 5 })
  .chain((width) =>
    fc
      .array(fc.array(texts, { minLength: width, maxLength: width }), { maxLength: 12 })
      .map((rows) => ({ width, rows })),
  )

const field = (text: string, { delimiter, quote, quoteAll }: Written): string =>
  quoteAll || text.includes(delimiter) || text.includes(quote) || /["'\r\n]/.test(text) || text.startsWith(' ')
    ? `${quote}${text.replaceAll(quote, quote + quote)}${quote}`
    : text

function write(rows: readonly (readonly string[])[], dialect: Written): Uint8Array {
  const lines = rows.map((row) => row.map((text) => field(text, dialect)).join(dialect.delimiter))
  const text = lines.join(dialect.newline) + (dialect.finalNewline ? dialect.newline : '')
  const bytes = Buffer.from((dialect.byteOrderMark ? '\ufeff' : '') + text)
  return dialect.packed ? gzipSync(bytes) : bytes
}

const names = (width: number): string[] => Array.from({ length: width }, (_, index) => `column ${index + 1}`)
const asText = (width: number): Record<string, string> => Object.fromEntries(names(width).map((name) => [name, 'text']))

// Nothing between two delimiters is missing: there is no other way to write it.
const expectedValues = (rows: readonly (readonly string[])[]) =>
  rows.map((row) => row.map((text) => (text === '' ? null : text)))
const valuesOf = ({ rows }: Imported) => rows.map((row) => Object.values(row))

// Values as people write them, by column, so that types and the dialect can be told from them.
const padded = (number: number): string => String(number).padStart(2, '0')
const days = fc.record({
  y: fc.integer({ min: 1900, max: 2099 }),
  m: fc.integer({ min: 1, max: 12 }),
  d: fc.integer({ min: 1, max: 28 }),
})
const cents = fc.integer({ min: -10_000_000, max: 10_000_000 })
const fraction = (value: number, decimal: string): string =>
  `${value < 0 ? '-' : ''}${Math.floor(Math.abs(value) / 100)}${decimal}${padded(Math.abs(value) % 100)}`
const isoOf = ({ y, m, d }: { y: number; m: number; d: number }): string => `${y}-${padded(m)}-${padded(d)}`

interface Kind {
  readonly type: string
  /** Text in the file, and the value that must come out. */
  readonly value: fc.Arbitrary<readonly [string, string | number | boolean]>
}
const kinds = (decimal: '.' | ','): readonly Kind[] => [
  { type: 'BIGINT', value: fc.integer({ min: -1_000_000, max: 1_000_000_000 }).map((n) => [String(n), n]) },
  { type: 'DOUBLE', value: cents.map((n) => [fraction(n, decimal), n / 100]) },
  { type: 'DATE', value: days.map((day) => [isoOf(day), isoOf(day)]) },
  { type: 'DATE', value: days.map((day) => [`${day.d}.${day.m}.${day.y}`, isoOf(day)]) },
  { type: 'BOOLEAN', value: fc.boolean().map((yes) => [String(yes), yes]) },
  { type: 'VARCHAR', value: fc.nat(99_999).map((n) => [`0${n}`, `0${n}`]) },
  {
    type: 'VARCHAR',
    value: fc.constantFrom('Äijälä', 'von "Hagen"', 'a, b; c', "O'Neill", 'two\nlines').map((t) => [t, t]),
  },
  { type: 'TIMESTAMP', value: days.map((day) => [`${isoOf(day)} 08:15:00`, `${isoOf(day)} 08:15:00`]) },
]

const typedTables = fc.constantFrom('.' as const, ',' as const).chain((decimal) =>
  fc.array(fc.constantFrom(...kinds(decimal)), { minLength: 2, maxLength: 6 }).chain((columns) =>
    fc
      .array(fc.tuple(...columns.map(({ value }) => fc.option(value, { freq: 8, nil: ['', null] as const }))), {
        minLength: 3,
        maxLength: 20,
      })
      // Where a column has no value its type cannot be told.
      .filter((rows) => columns.every((_, field) => rows.some((row) => row[field]?.[1] !== null)))
      .map((rows) => ({ columns, rows })),
  ),
)

const usual = fc.record({
  delimiter: fc.constantFrom(';', '\t', '|'),
  quote: fc.constant('"'),
  newline: fc.constantFrom('\n', '\r\n'),
  quoteAll: fc.boolean(),
  finalNewline: fc.boolean(),
  byteOrderMark: fc.boolean(),
  packed: fc.boolean(),
})

const plain: Written = {
  delimiter: ';',
  quote: '"',
  newline: '\n',
  quoteAll: false,
  finalNewline: true,
  byteOrderMark: false,
  packed: false,
}

/** Lines that are no record of any table here, each with the row it stands before. */
const badLines = fc.array(
  fc.tuple(fc.nat(20), fc.constantFrom('1;2;3;4;5;6;7;8', '"open', 'x;"a"b;c', 'a\0b;c;d', '*** broken off ***')),
  { minLength: 1, maxLength: 6 },
)

/** A table with bad lines among its rows, and the lines of the file where these are. */
function among(rows: readonly (readonly string[])[], bad: readonly (readonly [number, string])[]) {
  const lines: number[] = []
  let text = ''
  for (const [index, row] of rows.entries()) {
    text += Buffer.from(write([row], plain)).toString()
    for (const [position, line] of bad) {
      if (position % rows.length !== index) continue
      lines.push(text.split('\n').length)
      text += `${line}\n`
    }
  }
  return { text, lines }
}

describe('round trips', () => {
  test('every table comes back from every dialect that is stated', async () => {
    await fc.assert(
      fc.asyncProperty(tables, dialects, async ({ width, rows }, dialect) => {
        // A line that is empty is no record, so a table of one column must quote what is.
        const whole = width === 1 ? { ...dialect, quoteAll: true } : dialect
        const { delimiter, quote } = whole
        const settings = {
          delimiter,
          quote,
          escape: 'doubled',
          encoding: 'utf-8',
          header: true,
          columns: asText(width),
          trim: false,
        }
        const result = await importer.run(write([names(width), ...rows], whole), settings)
        expect(result.rejected).toEqual([])
        expect(valuesOf(result)).toEqual(expectedValues(rows))
        expect(result.columns).toEqual(result.planned)
      }),
      { numRuns: 25 },
    )
  })

  test('typed values come back from a file of which nothing is said', async () => {
    await fc.assert(
      fc.asyncProperty(typedTables, usual, async ({ columns, rows }, dialect) => {
        const values = rows.map((row) => row.map(([text]) => text))
        const result = await importer.run(write([names(columns.length), ...values], dialect))
        expect(result.rejected).toEqual([])
        expect(result.columns).toEqual(columns.map(({ type }, index) => ({ name: names(columns.length)[index], type })))
        expect(result.planned).toEqual(result.columns)
        expect(valuesOf(result)).toEqual(rows.map((row) => row.map(([, value]) => value)))
      }),
      { numRuns: 25 },
    )
  })

  test('bad records among good ones are set apart with their lines, and change no other', async () => {
    await fc.assert(
      fc.asyncProperty(typedTables, badLines, async ({ columns, rows }, bad) => {
        const header = names(columns.length)
        const values = rows.map((row) => row.map(([text]) => text))
        const expected = await importer.run(write([header, ...values], plain))
        const { text, lines } = among([header, ...values], bad)
        const types = Object.fromEntries(expected.columns.map(({ name, type }) => [name, type]))
        const decimal = values.flat().some((value) => /^-?\d+,\d\d$/.test(value)) ? ',' : '.'
        const stated = { delimiter: ';', quote: '"', escape: 'doubled', header: true, decimal }
        const result = await importer.run(text, { ...stated, columns: types })
        expect(result.rows).toEqual(expected.rows)
        expect(result.rejected.map(({ line }) => line)).toEqual(lines)
      }),
      { numRuns: 25 },
    )
  })

  test('bytes that mean nothing are a table, rejected records or a declared error, never a crash', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .array(
          fc.constantFrom(
            '"',
            ',',
            ';',
            '\n',
            '\r\n',
            '\r',
            ' ',
            '\0',
            'ä',
            '1',
            '1,5',
            'x',
            '\ufeff',
            '2024-01-05',
            '\\',
          ),
          { maxLength: 40 },
        )
        .map((pieces) => Buffer.from(pieces.join(''))),
      fc.uint8Array({ maxLength: 80 }).map((content) => gzipSync(content).subarray(0, 60)),
    )
    await fc.assert(
      fc.asyncProperty(bytes, async (content) => {
        const outcome = await importer.run(content).catch((error: unknown) => error)
        if (outcome instanceof Error) {
          expect(String((outcome as { values?: { code?: unknown } }).values?.code), outcome.stack).toMatch(
            /^import\/csv:/,
          ) // a declared error carries its code
          return
        }
        const { columns, planned } = outcome as Imported // it did not throw
        expect(columns).toEqual(planned)
      }),
      { numRuns: 60 },
    )
  })
})
