import { createHash, randomBytes } from 'node:crypto'
import type { Queries } from '../queue/database/database.ts'
import type { Role } from './endpoint.ts'
import type { Person } from './person.ts'

const prefix = 'polku_'

/** Tokens are 256 random bits: a plain hash of one tells nothing of it. */
const hashed = (token: string): string => createHash('sha256').update(token).digest('hex')

export interface NewToken {
  readonly person: string
  readonly name: string
  readonly role: Role
  readonly clients: readonly string[] | undefined
  readonly expiresAt: Date
}

/** Makes a token and gives its secret, which is kept nowhere. */
export async function issueToken(queries: Queries, token: NewToken): Promise<{ id: string; secret: string }> {
  const secret = prefix + randomBytes(32).toString('base64url')
  const [row] = await queries.query<{ id: string }>(
    `insert into polku.token (hash, person, name, role, clients, expires_at)
    values ($1, $2, $3, $4, $5, $6) returning id`,
    [hashed(secret), token.person, token.name, token.role, token.clients ?? null, token.expiresAt],
  )
  if (!row) throw new Error('The token was not made.')
  return { id: row.id, secret }
}

/** Whose token it is, with what both the token and the person are allowed; undefined for one that does not hold. */
export async function whoHolds(queries: Queries, secret: string): Promise<Person | undefined> {
  if (!secret.startsWith(prefix)) return undefined
  const [row] = await queries.query<{ id: string; name: string; role: Role; clients: string[] | null }>(
    `select person.id, person.name, token.role,
      case when token.clients is null then person.clients
        when person.clients is null then token.clients
        else array(select unnest(token.clients) intersect select unnest(person.clients)) end as clients
    from polku.token as token join polku.person as person on person.id = token.person
    where token.hash = $1 and token.revoked_at is null and token.expires_at > clock_timestamp()
      and person.disabled_at is null and (person.role = 'administrator' or token.role = person.role)`,
    [hashed(secret)],
  )
  return row && { ...row, clients: row.clients ?? undefined }
}
