import { PolkuError } from '../../errors/errors.ts'
import type { Queries } from '../../service/database/database.ts'
import type { Role } from './person.ts'

/** A person as the database holds one. */
export interface PersonRow {
  readonly id: string
  readonly name: string
  readonly email: string | null
  readonly role: Role
  readonly clients: readonly string[] | null
  readonly created_at: Date
  readonly disabled_at: Date | null
}

type PersonChange = Partial<Pick<PersonRow, 'name' | 'email' | 'role' | 'clients' | 'disabled_at'>>

const columns = 'id, name, email, role, clients, created_at, disabled_at'

/** Holds whoever else changes people until the transaction has ended: the last administrator is counted. */
const lockPeople = (queries: Queries) => queries.query('select pg_advisory_xact_lock(7205759404)')

/** Throws EMAIL_TAKEN. Within a transaction. */
export async function insertPerson(
  queries: Queries,
  { name, email, role, clients }: Pick<PersonRow, 'name' | 'email' | 'role' | 'clients'>,
): Promise<PersonRow> {
  await lockPeople(queries)
  await requireFree(queries, email, undefined)
  const [row] = await queries.query<PersonRow>(
    `insert into polku.person (name, email, role, clients) values ($1, $2, $3, $4) returning ${columns}`,
    [name, email, role, clients],
  )
  if (!row) throw new Error('The person was not created.')
  return row
}

/** Throws PERSON_UNKNOWN, EMAIL_TAKEN, LAST_ADMINISTRATOR. Within a transaction. */
export async function updatePerson(queries: Queries, id: string, change: PersonChange): Promise<PersonRow> {
  await lockPeople(queries)
  const before = await findPerson(queries, id)
  const after = { ...before, ...change }
  if (isUnlimitedAdministrator(before) && !isUnlimitedAdministrator(after)) {
    const [other] = await queries.query(
      `select 1 from polku.person
      where role = 'administrator' and clients is null and disabled_at is null and id <> $1 limit 1`,
      [id],
    )
    if (!other) throw new PolkuError('LAST_ADMINISTRATOR', { name: before.name })
  }
  if (after.email !== before.email) await requireFree(queries, after.email, id)
  const [row] = await queries.query<PersonRow>(
    `update polku.person set name = $2, email = $3, role = $4, clients = $5, disabled_at = $6
    where id = $1 returning ${columns}`,
    [id, after.name, after.email, after.role, after.clients, after.disabled_at],
  )
  if (!row) throw new Error('The person was not changed.')
  // Whoever comes back signs in anew.
  if (after.disabled_at) await queries.query('delete from polku.session where person = $1', [id])
  return row
}

const isUnlimitedAdministrator = ({ role, clients, disabled_at: disabled }: PersonRow): boolean =>
  role === 'administrator' && clients === null && disabled === null

async function requireFree(queries: Queries, email: string | null, id: string | undefined): Promise<void> {
  if (email === null) return
  const [other] = await queries.query<{ id: string }>('select id from polku.person where lower(email) = lower($1)', [
    email,
  ])
  if (other && other.id !== id) throw new PolkuError('EMAIL_TAKEN', { email, actual: email })
}

/** Throws PERSON_UNKNOWN. */
export async function findPerson(queries: Queries, id: string): Promise<PersonRow> {
  const [row] = await queries.query<PersonRow>(`select ${columns} from polku.person where id = $1`, [id])
  if (!row) throw new PolkuError('PERSON_UNKNOWN', { person: id, actual: id })
  return row
}

/** People by name, after the one of the cursor. */
export function peopleAfter(queries: Queries, cursor: string | undefined, limit: number): Promise<PersonRow[]> {
  return queries.query<PersonRow>(
    `select ${columns} from polku.person
    where $1::uuid is null or (name, id) > (select name, id from polku.person where id = $1::uuid)
    order by name, id limit $2`,
    [cursor ?? null, limit],
  )
}
