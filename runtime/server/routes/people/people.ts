import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import { PolkuError } from '../../../errors/errors.ts'
import { nearest } from '../../../errors/nearest.ts'
import type { Service } from '../../../service/service.ts'
import { findPerson, insertPerson, type PersonRow, peopleAfter, updatePerson } from '../../access/people.ts'
import { requireChief } from '../../access/person.ts'
import { issueToken } from '../../access/tokens.ts'
import {
  changePerson,
  createPerson,
  createToken,
  listPeople,
  listTokens,
  type personAnswer,
  revokeToken,
  type tokenAnswer,
  whoAmI,
} from '../../api/people.ts'
import type { Role } from '../../http/endpoint.ts'
import { serve } from '../../http/register.ts'

const longestToken = 366 * 86_400_000

/** People and their tokens; only an administrator of all clients decides over them. */
export function people(app: FastifyInstance, service: Service, now: () => number): void {
  const { database } = service

  serve(app, whoAmI, async ({ person: { id, name, role, clients } }) => ({
    ...{ id, name, role },
    clients: clients ? [...clients] : null,
  }))

  serve(app, listPeople, async ({ query: { limit, cursor }, person }) => {
    requireChief(person)
    const rows = await peopleAfter(database, cursor, limit + 1)
    return {
      items: rows.slice(0, limit).map(toPerson),
      next: rows.length > limit ? (rows[limit - 1]?.id ?? null) : null,
    }
  })

  serve(app, createPerson, async ({ body: { name, email, role, clients }, person, audit }) => {
    requireChief(person)
    requireClients(service, clients)
    return database.transaction(async (queries) => {
      const row = await insertPerson(queries, { name, email: email ?? null, role, clients })
      await audit(queries, { person: row.id, name, role, clients })
      return toPerson(row)
    })
  })

  serve(app, changePerson, async ({ params, body, person, audit }) => {
    requireChief(person)
    const { disabled, ...change } = body
    const changesRights = 'role' in body || 'clients' in body || 'disabled' in body
    if (params.person === person.id && changesRights) throw new PolkuError('OWN_RIGHTS')
    return database.transaction(async (queries) => {
      const before = await findPerson(queries, params.person)
      requireClients(service, change.clients, before.clients)
      const ended = disabled ? (before.disabled_at ?? new Date(now())) : null
      const row = await updatePerson(queries, params.person, {
        ...change,
        ...(disabled === undefined ? {} : { disabled_at: ended }),
      })
      await audit(queries, { name: row.name, ...body })
      return toPerson(row)
    })
  })

  serve(app, listTokens, async ({ params, person }) => {
    requireChief(person)
    await findPerson(database, params.person)
    const rows = await database.query<TokenRow>(
      `select ${tokenColumns} from polku.token where person = $1 order by created_at desc, id`,
      [params.person],
    )
    return { items: rows.map(toToken), next: null }
  })

  serve(app, createToken, async ({ params, body, person, audit }) => {
    requireChief(person)
    const expiresAt = new Date(body.expiresAt)
    const lasts = expiresAt.getTime() - now()
    if (!(lasts > 0 && lasts <= longestToken)) throw new PolkuError('TOKEN_END', { found: body.expiresAt })
    return database.transaction(async (queries) => {
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
  })

  serve(app, revokeToken, async ({ params, person, audit }) => {
    requireChief(person)
    return database.transaction(async (queries) => {
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
  })
}

/** Throws CLIENT_UNKNOWN for one that is not there, unless it was given before: a workspace may be away. */
function requireClients(
  service: Service,
  wanted: readonly string[] | null | undefined,
  before: readonly string[] | null = null,
): void {
  const added = (wanted ?? []).filter((client) => !before?.includes(client))
  if (added.length === 0) return
  const names = [...service.clients.all().workspaces.keys()]
  for (const client of added)
    if (!names.includes(client))
      throw new PolkuError('CLIENT_UNKNOWN', { client, found: client, nearest: nearest(client, names, 'client') })
}

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

async function findToken(
  queries: Pick<Service['database'], 'query'>,
  person: string,
  token: string,
): Promise<TokenRow> {
  const [row] = await queries.query<TokenRow>(`select ${tokenColumns} from polku.token where id = $1 and person = $2`, [
    token,
    person,
  ])
  if (!row) throw new PolkuError('TOKEN_UNKNOWN', { token, found: token })
  return row
}

const iso = (time: Date | null): string | null => time?.toISOString() ?? null

const toPerson = (row: PersonRow): Static<typeof personAnswer> => ({
  ...{ id: row.id, name: row.name, email: row.email, role: row.role },
  clients: row.clients ? [...row.clients] : null,
  createdAt: row.created_at.toISOString(),
  disabledAt: iso(row.disabled_at),
})

const toToken = (row: TokenRow): Static<typeof tokenAnswer> => ({
  ...{ id: row.id, name: row.name, role: row.role },
  clients: row.clients ? [...row.clients] : null,
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at.toISOString(),
  revokedAt: iso(row.revoked_at),
  usedAt: iso(row.used_at),
})
