import type { Queries, ServiceDatabase } from '../../service/database/database.ts'
import type { Person, Role } from './person.ts'
import { hashed, randomSecret, tokenHolds, tokenRights } from './tokens.ts'

/** A session ends so long after it was used last, and so long after it began at the latest, in ms. */
const idleEnd = 2 * 3_600_000
export const absoluteEnd = 12 * 3_600_000
/** A cookie's value is replaced after this time; requests that were under way may bring the old one for a moment more. */
const rotateAfter = 15 * 60_000
const oldFor = 60_000
const noteUseAfter = 60_000

interface Session {
  readonly person: Person
  /** What a change must bring beside the cookie, which another site's page cannot know. */
  readonly forgeryToken: string
  /** The cookie's new value, where it was replaced just now. */
  readonly renewed: string | undefined
}

interface SessionRow {
  readonly session: string
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly clients: string[] | null
  readonly forgery_token: string
  readonly is_old: boolean
  readonly rotated_at: Date
  readonly used_at: Date
}

/** Begins a session and gives the cookie's value, which is stored nowhere. `token` is what was signed in with; none for OpenID. */
export async function beginSession(
  queries: Queries,
  { person, token }: { readonly person: string; readonly token?: string },
  now: Date,
): Promise<{ id: string; secret: string; forgeryToken: string }> {
  const secret = randomSecret()
  const forgeryToken = randomSecret()
  await queries.query('delete from polku.session where used_at < $1 or created_at < $2', [
    new Date(now.getTime() - idleEnd),
    new Date(now.getTime() - absoluteEnd),
  ])
  const [row] = await queries.query<{ id: string }>(
    `insert into polku.session (hash, forgery_token, person, token, created_at, rotated_at, used_at)
    values ($1, $2, $3, $4, $5, $5, $5) returning id`,
    [hashed(secret), forgeryToken, person, token ?? null, now],
  )
  if (!row) throw new Error('The session was not created.')
  return { id: row.id, secret, forgeryToken }
}

/** Whose session a cookie's value is of; undefined for one that has ended, or whose token or person no longer holds. */
export async function whoseSession(database: ServiceDatabase, secret: string, now: Date): Promise<Session | undefined> {
  const [row] = await database.query<SessionRow>(
    `select session.id as session, person.id, person.name, session.forgery_token, session.rotated_at, session.used_at,
      session.hash <> $1 as is_old,
      case when token.id is null then person.role else rights.role end as role,
      case when token.id is null then person.clients else rights.clients end as clients
    from polku.session as session join polku.person as person on person.id = session.person
    left join polku.token as token on token.id = session.token
    left join lateral (select ${tokenRights}) as rights on true
    where (session.hash = $1 or session.previous_hash = $1) and person.disabled_at is null
      and (token.id is null or (${tokenHolds})) and session.used_at > $3 and session.created_at > $4`,
    [hashed(secret), now, new Date(now.getTime() - idleEnd), new Date(now.getTime() - absoluteEnd)],
  )
  if (!row) return undefined
  const age = now.getTime() - row.rotated_at.getTime()
  if (row.is_old && age > oldFor) {
    // A value that was replaced long ago comes from somebody who copied it, or was copied: neither continues.
    await endSession(database, row.session)
    return undefined
  }
  const renewed = !row.is_old && age >= rotateAfter ? await rotate(database, row.session, secret, now) : undefined
  if (now.getTime() - row.used_at.getTime() >= noteUseAfter)
    await database.query('update polku.session set used_at = $2 where id = $1', [row.session, now])
  const { id, name, role, clients, forgery_token: forgeryToken } = row
  const person: Person = { id, name, role, clients: clients ?? undefined, by: { kind: 'session', id: row.session } }
  return { person, forgeryToken, renewed }
}

/** Of several requests at once, one replaces the value. */
async function rotate(queries: Queries, session: string, secret: string, now: Date): Promise<string | undefined> {
  const next = randomSecret()
  const [row] = await queries.query(
    `update polku.session set hash = $3, previous_hash = $2, rotated_at = $4 where id = $1 and hash = $2 returning id`,
    [session, hashed(secret), hashed(next), now],
  )
  return row ? next : undefined
}

export async function endSession(queries: Queries, session: string): Promise<void> {
  await queries.query('delete from polku.session where id = $1', [session])
}

/** Whether what a person signed in with still lets them in, with the rights of then: for answers that take long. */
export async function mayContinue(queries: Queries, person: Person, now: Date): Promise<boolean> {
  const { id, role, clients = null, by } = person
  const [holder] = await queries.query(
    `select 1 from polku.person where id = $1 and disabled_at is null
      and (clients is null or ($2::text[] is not null and clients @> $2::text[]))
      and (role = $3 or role = 'administrator')`,
    [id, clients, role],
  )
  if (!holder) return false
  const [credential] =
    by.kind === 'token'
      ? await queries.query('select 1 from polku.token where id = $1 and revoked_at is null and expires_at > $2', [
          by.id,
          now,
        ])
      : await queries.query('select 1 from polku.session where id = $1', [by.id])
  return credential !== undefined
}
