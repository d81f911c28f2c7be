import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { windows1252 } from '../../../examples/sahkoyhtio/generator/csv.ts'
import type { DirtTruth } from '../../../examples/sahkoyhtio/generator/dirt.ts'
import { type Generated, generate } from '../../../examples/sahkoyhtio/generator/files.ts'
import { NONEXISTENT_POSTAL_CODES, PLACES } from '../../../examples/sahkoyhtio/generator/names.ts'
import { DIRT, PERMISSIONS, PURCHASE_BEHAVIOUR } from '../../../examples/sahkoyhtio/generator/settings.ts'
import { present, type Row, readCustomers, readUtf8 } from './reading.ts'

const CUSTOMERS = 2000
const out = mkdtempSync(join(tmpdir(), 'sahkoyhtio-'))
let market: Generated
let rows: Row[]
let records: string[][]
let secondEntries: Set<string>

beforeAll(() => {
  market = generate({ out, seed: 7, customers: CUSTOMERS })
  ;({ rows, records } = readCustomers(out))
  secondEntries = new Set(market.truth.duplicates.map(([, second]) => second))
})
afterAll(() => rmSync(out, { recursive: true, force: true }))

/** Within four standard deviations of a binomial share. */
const expectShare = (count: number, of: number, share: number) =>
  expect(Math.abs(count / of - share), `${count} of ${of}, expected ${share}`).toBeLessThan(
    4 * Math.sqrt((share * (1 - share)) / of),
  )

const firstEntries = () => rows.filter((row) => !secondEntries.has(present(row.customer_id)))
const year = (date: string | undefined) => Number((date ?? '').split('.')[2])

describe('the register', () => {
  test('is Windows-1252 with semicolons, decimal commas, Finnish dates and CRLF', () => {
    const bytes = readFileSync(join(out, 'customers.csv'))
    expect(bytes.includes(Buffer.from('ä', 'latin1'))).toBe(true)
    // An en dash, which ISO-8859-1 lacks.
    expect(bytes.includes(0x96)).toBe(true)
    expect(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes)).toThrow()
    expect(bytes.subarray(-2).toString()).toBe('\r\n')
    expect(bytes.toString('latin1').replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
    const unlike = (name: string, form: RegExp) => rows.filter((row) => !form.test(row[name] ?? ''))
    expect(unlike('deposit_eur', /^\d+,\d\d$/)).toEqual([])
    expect(unlike('customer_since', /^[1-9]\d?\.[1-9]\d?\.\d{4}$/)).toEqual([])
    expect(unlike('birth_date', /^$|^[1-9]\d?\.[1-9]\d?\.\d{4}$/)).toEqual([])
    expect(rows.some((row) => row.street?.includes('"'))).toBe(true)
    expect(rows.some((row) => row.street?.includes(';'))).toBe(true)
  })

  test('has the rows that were announced, and the unparsable ones besides', () => {
    const written = present(market.files.find(({ name }) => name === 'customers.csv')).rows
    expect(records.length - 1).toBe(written)
    expect(records.length - 1 - rows.length).toBe(market.truth.unparsableRows)
    expect(market.truth.unparsableRows).toBeGreaterThanOrEqual(3)
    expect(rows.length).toBe(CUSTOMERS + market.truth.duplicates.length)
    expect(new Set(rows.map((row) => row.customer_id)).size).toBe(rows.length)
  })

  test('is as dirty as the settings say', () => {
    const first = firstEntries()
    const share = (rate: number, is: (row: Row) => boolean, of = first) =>
      expectShare(of.filter(is).length, of.length, rate)
    expectShare(market.truth.duplicates.length, CUSTOMERS, DIRT.duplicate)
    share(DIRT.missingEmail, (row) => row.email === '')
    const mailed = first.filter((row) => row.email !== '')
    share(DIRT.invalidEmail, (row) => !/^[a-z0-9.]+@[a-z.]+\.(example|com|org)$/.test(row.email ?? ''), mailed)
    share(DIRT.missingPhone, (row) => row.phone === '')
    share(DIRT.missingBirthDate, (row) => row.birth_date === '')
    const born = first.filter((row) => row.birth_date !== '')
    const impossible = (row: Row) => year(row.birth_date) > 2019 || year(row.birth_date) < 1905
    share(DIRT.impossibleBirthDate, impossible, born)
    share(DIRT.missingPostalCode, (row) => row.postal_code === '')
    share(DIRT.nonexistentPostalCode, (row) => NONEXISTENT_POSTAL_CODES.includes(row.postal_code ?? ''))
    const zeroes = first.filter((row) => /^(0\d{4}|\d{3,4})$/.test(row.postal_code ?? ''))
    share(DIRT.lostLeadingZero, (row) => (row.postal_code ?? '').length < 5, zeroes)
    const padded = (name = '') => name !== name.trim()
    share(DIRT.paddedBlanks, (row) => padded(row.first_name) || padded(row.last_name))
    share(DIRT.shoutedName, (row) => row.last_name === row.last_name?.toUpperCase())
    const old = first.filter((row) => year(row.customer_since) < 2023)
    share(DIRT.staleAddress, (row) => market.truth.dirt.staleAddress.includes(present(row.customer_id)), old)
  })

  test('marks in the truth exactly the rows where the dirt is', () => {
    const marked = (kind: keyof DirtTruth) => new Set(market.truth.dirt[kind])
    const those = (is: (row: Row) => boolean) => new Set(rows.filter(is).map((row) => present(row.customer_id)))
    expect(marked('missingEmail')).toEqual(those((row) => row.email === ''))
    expect(marked('missingPostalCode')).toEqual(those((row) => row.postal_code === ''))
    expect(marked('nonexistentPostalCode')).toEqual(
      those((row) => NONEXISTENT_POSTAL_CODES.includes(row.postal_code ?? '')),
    )
    expect(marked('lostLeadingZero')).toEqual(those((row) => /^\d{3,4}$/.test(row.postal_code ?? '')))
    const updated = (row: Row) => (row.address_updated ?? '').split('.').map(Number)
    const stale = those((row) => {
      const [day = 0, month = 0, y = 0] = updated(row)
      return Date.UTC(y, month - 1, day) < Date.UTC(2026, 9, 1) - 3 * 365.25 * 86_400_000
    })
    expect(marked('staleAddress')).toEqual(stale)
    expect(market.truth.dirt.movedAway.length).toBeGreaterThan(0)
    for (const id of market.truth.dirt.movedAway) expect(stale.has(id)).toBe(true)
  })

  test('knows no postal code that is both real and not', () => {
    const real = new Set(PLACES.map(({ postalCode }) => postalCode))
    expect(NONEXISTENT_POSTAL_CODES.filter((code) => real.has(code))).toEqual([])
    for (const code of [...real, ...NONEXISTENT_POSTAL_CODES]) expect(code).toMatch(/^\d{5}$/)
  })

  test('enters people twice so that somebody could tell', () => {
    const byId = new Map(rows.map((row) => [row.customer_id, row]))
    const alike = market.truth.duplicates.filter(([one, other]) => {
      const [a, b] = [present(byId.get(one)), present(byId.get(other))]
      expect(a).not.toEqual({ ...b, customer_id: one })
      const same = (name: string) => a[name] !== '' && a[name]?.trim().toLowerCase() === b[name]?.trim().toLowerCase()
      return ['email', 'street', 'birth_date'].filter(same).length >= 2
    })
    expect(alike.length / market.truth.duplicates.length).toBeGreaterThan(0.6)
  })
})

describe('the other files', () => {
  test('permissions lack rows and answers', () => {
    const permissions = readUtf8(out, 'permissions.csv')
    expectShare(permissions.length, rows.length, 1 - PERMISSIONS.noRow)
    for (const channel of ['email', 'sms', 'phone', 'post'] as const) {
      const answers = permissions.map((row) => present(row[`${channel}_permission`]))
      expect(new Set(answers)).toEqual(new Set(['yes', 'no', '']))
      expectShare(answers.filter((answer) => answer === '').length, answers.length, PERMISSIONS.blank)
      const answered = answers.filter((answer) => answer !== '')
      expectShare(answered.filter((answer) => answer === 'yes').length, answered.length, PERMISSIONS[channel])
    }
  })

  test('purchase behaviour begins with a byte order mark and finds most customers by e-mail', () => {
    expect(readFileSync(join(out, 'purchase_behaviour.csv')).subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]))
    const behaviour = readUtf8(out, 'purchase_behaviour.csv')
    expectShare(behaviour.length, CUSTOMERS, PURCHASE_BEHAVIOUR.coverage)
    const emails = new Set(behaviour.map((row) => row.email))
    expect(emails.size).toBe(behaviour.length)
    const matched = rows.filter((row) => emails.has(row.email)).length / rows.length
    expect(matched).toBeGreaterThan(0.8)
    expect(matched).toBeLessThan(0.92)
    expect(Math.max(...behaviour.map((row) => Date.parse(present(row.classified_on))))).toBeLessThan(
      Date.parse('2026-07-03'),
    )
  })

  test('a letter that Windows-1252 lacks is an error, not a question mark', () => {
    expect(windows1252('Äijä – 5 €')).toEqual(Buffer.from([0xc4, 0x69, 0x6a, 0xe4, 0x20, 0x96, 0x20, 0x35, 0x20, 0x80]))
    expect(() => windows1252('Ş')).toThrow('Windows-1252 has no "Ş".')
  })
})
