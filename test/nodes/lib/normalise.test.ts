import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { countryOf } from '../../../nodes/lib/countries.ts'
import { isFilled, type Normalisation, type NormaliseOptions, normalised } from '../../../nodes/lib/normalise.ts'
import { sql } from '../../../nodes/lib/sql.ts'
import type { Sql } from '../../../nodes/node.ts'
import { Database } from '../../../runtime/data/database.ts'

const folder = mkdtempSync(joinPath(tmpdir(), 'polku-normalise-'))
const finnish: NormaliseOptions = { country: countryOf('FI'), accents: 'ignore' }
let database: Database

beforeAll(async () => {
  database = await Database.open({ folder, temporary: joinPath(folder, 'tmp') })
})
afterAll(() => {
  database.close()
  rmSync(folder, { recursive: true, force: true })
})

const one = async (value: Sql, type: string, as: Normalisation, options = finnish) => {
  const [row] = await database.rows(
    sql`select ${normalised({ name: 'the "value"', type }, as, options)} as plain from (select ${value} as "the ""value""")`,
  )
  return row?.plain
}
const text = (value: string | null, as: Normalisation, options = finnish) =>
  one(sql`cast(${value} as varchar)`, 'VARCHAR', as, options)

describe('names and texts', () => {
  test.each([
    ['Anna-Maija', 'annamaija'],
    [' ANNA  MAIJA ', 'annamaija'],
    ['Mäkelä', 'makela'],
    ['ma\u0308kela\u0308', 'makela'],
    ['Ødegård', 'odegard'],
    ['Strauß', 'strauss'],
    ['O’Brien', 'obrien'],
    ['Łukasz Żółć', 'lukaszzolc'],
    ['Иванов', 'иванов'],
    ['王伟', '王伟'],
    ['-', null],
    ['\u00a0 ', null],
    [null, null],
  ])('the name %j is %j', async (written, plain) => {
    expect(await text(written, 'name')).toBe(plain)
  })

  test('a text keeps its words apart', async () => {
    expect(await text('  Kuikkatie 5 A,  12 ', 'text')).toBe('kuikkatie 5 a 12')
    expect(await text('…', 'text')).toBeNull()
  })

  test('accents can be kept, whichever way they are encoded', async () => {
    const keep = { ...finnish, accents: 'keep' as const }
    expect(await text('MÄKELÄ', 'name', keep)).toBe('mäkelä')
    expect(await text('MA\u0308KELA\u0308', 'name', keep)).toBe('mäkelä')
    expect(await text('Makela', 'name', keep)).toBe('makela')
  })

  test('exact is exact, but blanks are no value', async () => {
    expect(await text(' A ', 'exact')).toBe(' A ')
    expect(await text(' \t', 'exact')).toBeNull()
    expect(await one(sql`7`, 'INTEGER', 'exact')).toBe('7')
  })
})

describe('e-mail addresses', () => {
  test.each([
    [' Anna.Makela@Meili.Example ', 'anna.makela@meili.example'],
    ['a+b_c%d@sub.domain.example', 'a+b_c%d@sub.domain.example'],
    ['posti@työ.example', 'posti@työ.example'],
  ])('%j is %j', async (written, plain) => {
    expect(await text(written, 'email')).toBe(plain)
  })

  test.each([
    'ei ole',
    'anna(at)posti.example',
    'anna@',
    '@posti.example',
    'anna@@posti.example',
    'anna@posti',
    'anna@posti..example',
    '.anna@posti.example',
    'an..na@posti.example',
    'anna@-posti.example',
    'an na@posti.example',
    `${'a'.repeat(65)}@posti.example`,
    `a@${'b'.repeat(250)}.example`,
  ])('%j cannot be one', async (written) => {
    expect(await text(written, 'email')).toBeNull()
  })
})

describe('telephone numbers', () => {
  test.each([
    '040 555 1234',
    '040-5551234',
    '+358 40 555 1234',
    '+358 (0)40 555 1234',
    '+358 040 5551234',
    '00358 40 5551234',
    '358405551234',
    '405551234',
    'puh. 040/555 1234',
  ])('%j is +358405551234', async (written) => {
    expect(await text(written, 'phone')).toBe('+358405551234')
  })

  test('a numeric column has lost its zero', async () => {
    expect(await one(sql`405551234`, 'BIGINT', 'phone')).toBe('+358405551234')
    expect(await one(sql`405551234.0::double`, 'DOUBLE', 'phone')).toBe('+358405551234')
  })

  test.each(['0000', '112', 'ei ole', '', '040 555 1234 / 050 555 4321', '+0 123 456 789'])(
    '%j cannot be one',
    async (written) => {
      expect(await text(written, 'phone')).toBeNull()
    },
  )

  test('other countries have other prefixes', async () => {
    const of = (code: string) => ({ ...finnish, country: countryOf(code) })
    expect(await text('070-123 45 67', 'phone', of('SE'))).toBe('+46701234567')
    expect(await text('51234567', 'phone', of('EE'))).toBe('+37251234567')
    expect(await text('47 12 34 56', 'phone', of('NO'))).toBe('+4747123456')
    expect(await text('(212) 555-0123', 'phone', of('US'))).toBe('+12125550123')
    expect(await text('1-212-555-0123', 'phone', of('US'))).toBe('+12125550123')
    expect(await text('+44 20 7946 0000', 'phone', of('FI'))).toBe('+442079460000')
  })
})

describe('postal codes', () => {
  test.each([
    ['00100', '00100'],
    ['100', '00100'],
    ['FI-00100', '00100'],
    ['FIN 00100', '00100'],
    ['00 100', '00100'],
    [' ', null],
  ])('%j is %j', async (written, plain) => {
    expect(await text(written, 'postal')).toBe(plain)
  })

  test('a letter before a digit is a prefix in one country and part of the code in another', async () => {
    expect(await text('D-10115', 'postal', { ...finnish, country: countryOf('DE') })).toBe('10115')
    expect(await text('g1 1aa', 'postal', { ...finnish, country: countryOf('GB') })).toBe('G11AA')
    expect(await one(sql`180.0::double`, 'DOUBLE', 'postal')).toBe('00180')
  })
})

describe('dates', () => {
  test.each([
    ['1980-02-01', '1980-02-01'],
    ['1980-02-01T10:30:00Z', '1980-02-01'],
    ['1.2.1980', '1980-02-01'],
    ['01/02/1980', '1980-02-01'],
    [' 19800201 ', '1980-02-01'],
    ['30.2.1980', null],
    ['19801301', null],
    ['1.2.80', null],
    ['joskus', null],
  ])('the text %j is %j', async (written, plain) => {
    expect(await text(written, 'date')).toBe(plain)
  })

  test('dates, times and numbers are read by their type', async () => {
    expect(await one(sql`date '1980-02-01'`, 'DATE', 'date')).toBe('1980-02-01')
    expect(await one(sql`timestamp '1980-02-01 23:59:59'`, 'TIMESTAMP', 'date')).toBe('1980-02-01')
    expect(await one(sql`19800201`, 'INTEGER', 'date')).toBe('1980-02-01')
    expect(await one(sql`'nan'::double`, 'DOUBLE', 'date')).toBeNull()
  })
})

test.each([
  ['NULL', sql`cast(null as varchar)`, 'VARCHAR', false],
  ['blanks', sql`' \t\u00a0\ufeff'`, 'VARCHAR', false],
  ['text', sql`' a '`, 'VARCHAR', true],
  ['not a number', sql`'nan'::double`, 'DOUBLE', false],
  ['zero', sql`0`, 'INTEGER', true],
  ['false', sql`false`, 'BOOLEAN', true],
  ['an empty list', sql`[]::integer[]`, 'INTEGER[]', true],
])('whether %s is a value', async (_, value, type, there) => {
  const [row] = await database.rows(sql`select ${isFilled({ name: 'x', type })} as there from (select ${value} as x)`)
  expect(row?.there).toBe(there)
})
