import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addMonths, dayOf, finnishDate, isoDate } from '../../../examples/sahkoyhtio/generator/calendar.ts'
import { type Generated, generate } from '../../../examples/sahkoyhtio/generator/files.ts'
import { checkOptions } from '../../../examples/sahkoyhtio/generator/world.ts'
import { present, type Row, readCustomers, readUtf8 } from './reading.ts'

const root = mkdtempSync(join(tmpdir(), 'sahkoyhtio-'))
const out = join(root, 'data')
const AS_OF = '2026-10-01'
let market: Generated
let contracts: Row[]
let invoices: Row[]
let contacts: Row[]
let personOf: Map<string, string>

beforeAll(() => {
  market = generate({ out, seed: 3, customers: 2000 })
  contracts = readUtf8(out, 'contracts.csv')
  invoices = readUtf8(out, 'invoices.csv.gz')
  contacts = readUtf8(out, 'contacts.csv')
  const firstOf = new Map(market.truth.duplicates.map(([first, second]) => [second, first]))
  personOf = new Map(readCustomers(out).rows.map(({ customer_id: id = '' }) => [id, firstOf.get(id) ?? id]))
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const digest = (folder: string) =>
  readdirSync(folder)
    .sort()
    .map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ])

const liveOn = (date: string) =>
  contracts.filter(
    ({ premises, start_date = '', end_date = '' }) =>
      premises === 'home' && start_date < date && (end_date === '' || end_date >= date),
  )
const person = (row: Row) => present(personOf.get(present(row.customer_id)))

/** The share of `rows`, contracts live on a date, that ended for good in the next 90 days. */
const leavingShare = (rows: Row[], from: string) => {
  const until = isoDate(dayOf(from) + 90)
  const left = rows.filter(
    ({ end_date = '', end_reason }) => end_date !== '' && end_date < until && end_reason !== 'renewed',
  )
  return left.length / rows.length
}

describe('generate', () => {
  test('writes the same bytes for the same seed and others for another', () => {
    const [again, other] = [join(root, 'again'), join(root, 'other')]
    mkdirSync(again)
    writeFileSync(join(again, 'outcomes.csv'), 'of an older market')
    generate({ out: again, seed: 3, customers: 2000 })
    generate({ out: other, seed: 4, customers: 2000 })
    expect(digest(again)).toEqual(digest(out))
    const names = readdirSync(out).filter((name) => name.includes('.csv'))
    expect(names.length).toBe(market.files.length)
    const theirs = new Map(digest(other).map(([name, hash]) => [name, hash]))
    // Which postal codes exist does not depend on the market.
    for (const [name = '', hash] of digest(out))
      if (name !== 'postal_codes.csv') expect(theirs.get(name), name).not.toBe(hash)
  })

  test('counts what it wrote', () => {
    const rows = Object.fromEntries(market.files.map((file) => [file.name, file.rows]))
    expect(rows['contracts.csv']).toBe(contracts.length)
    expect(rows['invoices.csv.gz']).toBe(invoices.length)
    expect(rows['contacts.csv']).toBe(contacts.length)
    expect(new Set(invoices.map((row) => row.invoice_id)).size).toBe(invoices.length)
  })

  test.each([
    [{ customers: 0 }, 'customers must be'],
    [{ customers: 1.5 }, 'customers must be'],
    [{ seed: 0.5 }, 'seed must be'],
    [{ asOf: '2026-02-30' }, 'is not a date'],
    [{ asOf: 'today' }, 'is not a date'],
  ])('refuses %o', (options, message) => {
    expect(() => checkOptions(options)).toThrow(message)
  })

  test('makes a single customer, and a history before a leap day', () => {
    const one = generate({ out: join(root, 'one'), customers: 1, asOf: '2024-02-29' })
    expect(readCustomers(join(root, 'one')).rows.length).toBe(1 + one.truth.duplicates.length)
  })
})

describe('the calendar', () => {
  test('keeps to the end of shorter months and writes dates as Finns do', () => {
    expect(isoDate(addMonths(dayOf('2026-03-31'), -1))).toBe('2026-02-28')
    expect(isoDate(addMonths(dayOf('2024-02-29'), 12))).toBe('2025-02-28')
    expect(isoDate(addMonths(dayOf('2026-01-15'), -24))).toBe('2024-01-15')
    expect(finnishDate(dayOf('2026-10-01'))).toBe('1.10.2026')
  })
})

describe('the history', () => {
  test('ends before the as-of date', () => {
    const impossible = ({ start_date = '', end_date = '' }: Row) =>
      start_date >= AS_OF || end_date >= AS_OF || (end_date !== '' && end_date < start_date)
    expect(contracts.filter(impossible)).toEqual([])
    const outside = (date = '') => date < '2024-10-01' || date >= AS_OF
    expect(invoices.filter((row) => outside(row.invoice_date))).toEqual([])
    expect(contacts.filter((row) => outside(row.contact_date))).toEqual([])
  })

  test('does not know yet how late the last invoices are paid', () => {
    expect(invoices.some((row) => row.paid_late_days === '')).toBe(true)
    const foreseen = ({ invoice_date = '', paid_late_days = '' }: Row) =>
      paid_late_days !== '' && dayOf(invoice_date) + 14 + Number(paid_late_days) >= dayOf(AS_OF)
    expect(invoices.filter(foreseen)).toEqual([])
  })

  test.each([AS_OF, '2026-07-03', '2025-12-01'])('has one home contract of each person live on %s', (date) => {
    const people = liveOn(date).map(person)
    expect(new Set(people).size).toBe(people.length)
    expect(people.length).toBeGreaterThan(1000)
  })

  test('knows the live customers', () => {
    expect(new Set(market.truth.live.map((id) => present(personOf.get(id))))).toEqual(
      new Set(liveOn(AS_OF).map(person)),
    )
  })

  test('renews without a gap, and nobody leaves in the 90 days after', () => {
    const renewed = contracts.filter((row) => row.end_reason === 'renewed')
    expect(renewed.length).toBeGreaterThan(100)
    for (const old of renewed) {
      const next = contracts.filter((row) => row.start_date === old.end_date && person(row) === person(old))
      expect(next.length).toBe(1)
      const { end_date = '' } = present(next[0])
      if (end_date !== '') expect(dayOf(end_date) - dayOf(present(old.end_date))).toBeGreaterThanOrEqual(90)
    }
  })

  test('bills live contracts only, each at most once a month', () => {
    const byId = new Map(contracts.map((row) => [row.contract_id, row]))
    const wrong = invoices.filter(({ contract_id, customer_id, invoice_date = '' }) => {
      const { start_date = '', end_date = '', customer_id: owner } = present(byId.get(contract_id))
      return owner !== customer_id || invoice_date <= start_date || (end_date !== '' && invoice_date >= end_date)
    })
    expect(wrong).toEqual([])
    const months = new Set(invoices.map((row) => `${row.contract_id} ${row.invoice_date?.slice(0, 7)}`))
    expect(months.size).toBe(invoices.length)
  })

  test('splits the contracts of who was entered twice between their ids', () => {
    const owners = new Set(contracts.map((row) => row.customer_id))
    const split = market.truth.duplicates.filter(([one, other]) => owners.has(one) && owners.has(other))
    expect(split.length / market.truth.duplicates.length).toBeGreaterThan(0.6)
    for (const [one, other] of market.truth.duplicates) expect(owners.has(one) || owners.has(other)).toBe(true)
  })

  test('loses customers, and those first whom the hidden process says', () => {
    const from = '2026-07-03'
    const live = liveOn(from)
    expect(leavingShare(live, from)).toBeGreaterThan(0.055)
    expect(leavingShare(live, from)).toBeLessThan(0.115)
    const ends = (row: Row) => present(row.fixed_until) !== '' && dayOf(present(row.fixed_until)) < dayOf(from) + 90
    const soon = leavingShare(live.filter(ends), from)
    expect(soon).toBeGreaterThan(
      2 *
        leavingShare(
          live.filter((row) => !ends(row)),
          from,
        ),
    )
    const recent = (row: Row) => present(row.contact_date) < from && present(row.contact_date) >= '2026-01-04'
    const complained = new Set(contacts.filter((row) => row.reason === 'complaint' && recent(row)).map(person))
    const angry = leavingShare(
      live.filter((row) => complained.has(person(row))),
      from,
    )
    expect(angry).toBeGreaterThan(
      1.5 *
        leavingShare(
          live.filter((row) => !complained.has(person(row))),
          from,
        ),
    )
  })
})
