import { type Static, Type } from 'typebox'
import { PolkuError } from '../../../errors/errors.ts'
import type { Queries } from '../../../service/database/database.ts'
import { findPerson } from '../../access/people.ts'
import { type Role, requireUnlimitedAdministrator } from '../../access/person.ts'
import { issueToken } from '../../access/tokens.ts'
import { endpoint } from '../../http/endpoint.ts'
import { listOf, object, orNull, text, time, uuid } from '../../http/schemas.ts'
import { administrators, clients, isoTime, ofPerson, personName, requireClients, role } from './people.ts'

/** In ms. */
const longestToken = 366 * 86_400_000

const tokenAnswer = object({
  id: uuid,
  name: text,
  role,
  clients,
  createdAt: time,
  expiresAt: time,
  revokedAt: orNull(time),
  usedAt: orNull(time),
})

const listTokens = endpoint({
  name: 'listTokens',
  method: 'GET',
  url: '/people/:person/tokens',
  tag: 'people',
  summary: 'A person’s tokens, without their secrets',
  allow: administrators,
  params: ofPerson,
  answer: listOf(tokenAnswer),
  handle: async ({ service, params, person }) => {
    requireUnlimitedAdministrator(person)
    await findPerson(service.database, params.person)
    const rows = await service.database.query<TokenRow>(
      `select ${tokenColumns} from polku.token where person = $1 order by created_at desc, id`,
      [params.person],
    )
    return { items: rows.map(toToken), next: null }
  },
})

const createToken = endpoint({
  name: 'createToken',
  method: 'POST',
  url: '/people/:person/tokens',
  tag: 'people',
  summary: 'Makes a token for a person, and shows it this once',
  allow: administrators,
  audit: 'create token',
  auditsItself: true,
  params: ofPerson,
  body: object({
    name: personName,
    role: Type.Optional(role),
    clients: Type.Optional(clients),
    expiresAt: Type.String({ format: 'date-time', description: 'Within a year' }),
  }),
  answer: object({ ...tokenAnswer.properties, token: Type.String({ description: 'Kept nowhere' }) }),
  status: 201,
  handle: async ({ service, now, params, body, person, audit }) => {
    requireUnlimitedAdministrator(person)
    const expiresAt = new Date(body.expiresAt)
    const lasts = expiresAt.getTime() - now()
    if (!(lasts > 0 && lasts <= longestToken)) throw new PolkuError('TOKEN_END', { actual: body.expiresAt })
    return service.database.transaction(async (queries) => {
      const holder = await findPerson(queries, params.person)
      requireClients(service, body.clients, holder.clients)
      const role = body.role ?? holder.role
      if (role !== holder.role && holder.role !== 'administrator')
        throw new PolkuError('TOKEN_ROLE', { role, name: holder.name, own: holder.role })
      const clients = body.clients ?? undefined
      const token = { person: holder.id, name: body.name, role, clients, expiresAt }
      const { id, secret } = await issueToken(queries, token)
      await audit(queries, { token: id, name: body.name, role, clients: body.clients ?? null, expiresAt })
      return { ...toToken(await findToken(queries, holder.id, id)), token: secret }
    })
  },
})

const revokeToken = endpoint({
  name: 'revokeToken',
  method: 'DELETE',
  url: '/people/:person/tokens/:token',
  tag: 'people',
  summary: 'Makes a token hold no more, at once',
  allow: administrators,
  audit: 'revoke token',
  auditsItself: true,
  params: object({ ...ofPerson.properties, token: uuid }),
  answer: tokenAnswer,
  handle: async ({ service, now, params, person, audit }) => {
    requireUnlimitedAdministrator(person)
    return service.database.transaction(async (queries) => {
      await findToken(queries, params.person, params.token)
      await queries.query('update polku.token set revoked_at = coalesce(revoked_at, $2) where id = $1', [
        params.token,
        new Date(now()),
      ])
      await queries.query('delete from polku.session where token = $1', [params.token])
      const row = await findToken(queries, params.person, params.token)
      await audit(queries, { name: row.name })
      return toToken(row)
    })
  },
})

interface TokenRow {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly clients: readonly string[] | null
  readonly created_at: Date
  readonly expires_at: Date
  readonly revoked_at: Date | null
  readonly used_at: Date | null
}

const tokenColumns = 'id, name, role, clients, created_at, expires_at, revoked_at, used_at'

async function findToken(queries: Queries, person: string, token: string): Promise<TokenRow> {
  const [row] = await queries.query<TokenRow>(`select ${tokenColumns} from polku.token where id = $1 and person = $2`, [
    token,
    person,
  ])
  if (!row) throw new PolkuError('TOKEN_UNKNOWN', { token, actual: token })
  return row
}

const toToken = (row: TokenRow): Static<typeof tokenAnswer> => ({
  ...{ id: row.id, name: row.name, role: row.role },
  clients: row.clients ? [...row.clients] : null,
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
  revokedAt: isoTime(row.revoked_at),
  usedAt: isoTime(row.used_at),
})

export const tokens = { listTokens, createToken, revokeToken }
