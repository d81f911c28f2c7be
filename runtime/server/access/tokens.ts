import { randomBytes } from 'node:crypto'
import { hashText } from '../../data/hash.ts'
import type { Queries } from '../../service/database/database.ts'
import type { Person, Role } from './person.ts'

const tokenForm = /^polku_[A-Za-z0-9_-]{43}$/

/** Tokens are 256 random bits: a plain hash of one tells nothing of it. */
export const hashed = (secret: string): string => hashText(secret)

export const randomSecret = (): string => randomBytes(32).toString('base64url')

export interface NewToken {
  readonly person: string
  readonly name: string
  readonly role: Role
  readonly clients: readonly string[] | undefined
  readonly expiresAt: Date
}

/** Makes a token and gives its secret, which is stored nowhere. */
export async function issueToken(queries: Queries, token: NewToken): Promise<{ id: string; secret: string }> {
  const secret = `polku_${randomSecret()}`
  const [row] = await queries.query<{ id: string }>(
    `insert into polku.token (hash, person, name, role, clients, expires_at)
    values ($1, $2, $3, $4, $5, $6) returning id`,
    [hashed(secret), token.person, token.name, token.role, token.clients ?? null, token.expiresAt],
  )
  if (!row) throw new Error('The token was not created.')
  return { id: row.id, secret }
}

/** Of a token and its person, what both are allowed. A token of another role than its person's is an administrator's. */
export const tokenRights = `token.role as role,
  case when token.clients is null then person.clients
    when person.clients is null then token.clients
    else array(select unnest(token.clients) intersect select unnest(person.clients)) end as clients`

/** A condition; `$2` is now. */
export const tokenHolds = `token.revoked_at is null and token.expires_at > $2
  and (person.role = 'administrator' or token.role = person.role)`

/** Whose token it is, with what both the token and the person are allowed; undefined for one that does not hold. */
export async function whoHolds(queries: Queries, secret: string, now: Date): Promise<Person | undefined> {
  if (!tokenForm.test(secret)) return undefined
  const [row] = await queries.query<{ id: string; name: string; role: Role; clients: string[] | null; token: string }>(
    `select person.id, person.name, token.id as token, ${tokenRights}
    from polku.token as token join polku.person as person on person.id = token.person
    where token.hash = $1 and person.disabled_at is null and ${tokenHolds}`,
    [hashed(secret), now],
  )
  if (!row) return undefined
  const { id, name, role, clients, token } = row
  return { id, name, role, clients: clients ?? undefined, by: { kind: 'token', id: token } }
}

/** Notes when a token was used last. */
export async function noteTokenUse(queries: Queries, token: string, now: Date): Promise<void> {
  await queries.query('update polku.token set used_at = $2 where id = $1', [token, now])
}
