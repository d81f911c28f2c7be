import { createHash } from 'node:crypto'
import { canonical } from '../../data/hash.ts'
import type { Queries } from '../../service/database/database.ts'
import { toJson } from '../../service/database/database.ts'

/** What somebody did or looked at. */
export interface AuditEntry {
  readonly at: Date
  readonly person: { readonly id: string; readonly name: string } | undefined
  readonly client: string | undefined
  readonly action: string
  /** What it was done to: names and ids, never a secret's or a customer's value. */
  readonly target: Readonly<Record<string, unknown>>
  /** From where. */
  readonly address: string | undefined
}

export interface AuditRow {
  readonly number: string | number
  readonly at: Date
  readonly person: string | null
  readonly person_name: string
  readonly client: string | null
  readonly action: string
  readonly target: Readonly<Record<string, unknown>>
  readonly address: string | null
  readonly previous: string
  readonly hash: string
}

interface AuditCheck {
  readonly rows: number
  /** The hash of the newest row: stored elsewhere, it shows later whether rows were cut off. */
  readonly head: string
  /** The first row that is not as it was written; undefined where all are. */
  readonly broken: { readonly number: number; readonly reason: string } | undefined
}

const batch = 1000

interface HashedRow {
  readonly at: string
  readonly person: string | null
  readonly personName: string
  readonly client: string | null
  readonly action: string
  readonly target: Readonly<Record<string, unknown>>
  readonly address: string | null
}

/** Adds a row; in a transaction, it is there if and only if what it records happened. */
export async function writeAudit(queries: Queries, entry: AuditEntry): Promise<void> {
  const row: HashedRow = {
    at: entry.at.toISOString(),
    person: entry.person?.id ?? null,
    personName: entry.person?.name ?? 'nobody',
    client: entry.client ?? null,
    action: entry.action,
    // What JSON does not hold (undefined) is not there when it is read either.
    target: JSON.parse(toJson(entry.target)) as Record<string, unknown>, // an object stays one
    address: entry.address ?? null,
  }
  await queries.query('select polku.add_audit($1::jsonb, $2::text)', [toJson(row), canonical(row)])
}

const contentOf = ({ at, person, person_name: personName, client, action, target, address }: AuditRow): string => {
  const row: HashedRow = { at: at.toISOString(), person, personName, client, action, target, address }
  return canonical(row)
}

const hashOf = (row: AuditRow, number: number): string =>
  createHash('sha256')
    .update(`${number}\n${row.previous}\n${contentOf(row)}`)
    .digest('hex')

/** Goes through the whole log: each row is as it was written, and none is missing between two. */
export async function verifyAudit(queries: Queries): Promise<AuditCheck> {
  let rows = 0
  let head = ''
  for (;;) {
    const next = await queries.query<AuditRow>(
      `select * from polku.audit where number > $1 order by number limit ${batch}`,
      [rows],
    )
    for (const row of next) {
      const number = Number(row.number)
      const reason =
        number !== rows + 1
          ? `row ${rows + 1} is missing`
          : row.previous !== head
            ? 'it does not follow the row before it'
            : row.hash !== hashOf(row, number)
              ? 'it is not what was written'
              : undefined
      if (reason !== undefined) return { rows, head, broken: { number: rows + 1, reason } }
      rows = number
      head = row.hash
    }
    if (next.length < batch) return { rows, head, broken: undefined }
  }
}
