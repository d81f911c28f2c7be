import { type Static, Type } from 'typebox'
import { PolkuError } from '../../../errors/errors.ts'
import { nearest } from '../../../errors/nearest.ts'
import type { Service } from '../../../service/service.ts'
import { findPerson, insertPerson, type PersonRow, peopleAfter, updatePerson } from '../../access/people.ts'
import { everyRole, requireUnlimitedAdministrator } from '../../access/person.ts'
import { endpoint } from '../../http/endpoint.ts'
import { limit, listOf, name, object, orNull, text, time, uuid } from '../../http/schemas.ts'

export const administrators = ['administrator'] as const
export const personName = Type.String({
  pattern: '^[^\\u0000-\\u001f\\u007f]{1,100}$',
  description: 'How others know the person, at most 100 characters',
})
const email = Type.String({ pattern: '^[^\\s@]{1,64}@[^\\s@]{1,190}$', description: 'An e-mail address' })
export const role = Type.Enum(['analyst', 'operator', 'reviewer', 'administrator'])
export const clients = Type.Union([Type.Array(name, { maxItems: 1000, uniqueItems: true }), Type.Null()], {
  description: 'Names of the clients, or null for all',
})
const page = object({
  limit,
  cursor: Type.Optional(uuid),
})

const personAnswer = object({
  id: uuid,
  name: text,
  email: orNull(Type.String()),
  role,
  clients,
  createdAt: time,
  disabledAt: orNull(time),
})

const listPeople = endpoint({
  name: 'listPeople',
  method: 'GET',
  url: '/people',
  tag: 'people',
  summary: 'Who may use the service',
  allow: administrators,
  query: page,
  answer: listOf(personAnswer),
  handle: async ({ service, query: { limit = 50, cursor }, person }) => {
    requireUnlimitedAdministrator(person)
    const rows = await peopleAfter(service.database, cursor, limit + 1)
    return {
      items: rows.slice(0, limit).map(toPerson),
      next: rows.length > limit ? (rows[limit - 1]?.id ?? null) : null,
    }
  },
})

const createPerson = endpoint({
  name: 'createPerson',
  method: 'POST',
  url: '/people',
  tag: 'people',
  summary: 'Lets a person in',
  description: 'Who has an e-mail address may sign in by OpenID with it; anybody may by a token made for them.',
  allow: administrators,
  audit: 'create person',
  auditsItself: true,
  body: object({ name: personName, email: Type.Optional(email), role, clients }),
  answer: personAnswer,
  status: 201,
  handle: async ({ service, body: { name, email, role, clients }, person, audit }) => {
    requireUnlimitedAdministrator(person)
    requireClients(service, clients)
    return service.database.transaction(async (queries) => {
      const row = await insertPerson(queries, { name, email: email ?? null, role, clients })
      await audit(queries, { person: row.id, name, role, clients })
      return toPerson(row)
    })
  },
})

export const ofPerson = object({ person: uuid })

const changePerson = endpoint({
  name: 'changePerson',
  method: 'PATCH',
  url: '/people/:person',
  tag: 'people',
  summary: 'Changes a person’s role and clients, or ends and restores their access',
  allow: administrators,
  audit: 'change person',
  auditsItself: true,
  params: ofPerson,
  body: object(
    {
      name: Type.Optional(personName),
      email: Type.Optional(orNull(email)),
      role: Type.Optional(role),
      clients: Type.Optional(clients),
      disabled: Type.Optional(Type.Boolean({ description: 'Whether the person’s tokens and sessions hold no more' })),
    },
    { minProperties: 1 },
  ),
  answer: personAnswer,
  handle: async ({ service, now, params, body, person, audit }) => {
    requireUnlimitedAdministrator(person)
    const { disabled, ...change } = body
    const changesRights = 'role' in body || 'clients' in body || 'disabled' in body
    if (params.person === person.id && changesRights) throw new PolkuError('OWN_RIGHTS')
    return service.database.transaction(async (queries) => {
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
  },
})

const whoAmI = endpoint({
  name: 'whoAmI',
  method: 'GET',
  url: '/me',
  tag: 'people',
  summary: 'Who is signed in',
  allow: everyRole,
  answer: object({ id: uuid, name: text, role, clients }),
  handle: async ({ person: { id, name, role, clients } }) => ({
    ...{ id, name, role },
    clients: clients ? [...clients] : null,
  }),
})

/** Throws CLIENT_UNKNOWN for one that is not there, unless the person had it before: a workspace may be away. */
export function requireClients(
  service: Service,
  clients: readonly string[] | null | undefined,
  before: readonly string[] | null = null,
): void {
  const added = (clients ?? []).filter((client) => !before?.includes(client))
  if (added.length === 0) return
  const names = [...service.clients.all().workspaces.keys()]
  for (const client of added)
    if (!names.includes(client))
      throw new PolkuError('CLIENT_UNKNOWN', { client, actual: client, nearest: nearest(client, names, 'client') })
}

export const isoTime = (time: Date | null): string | null => time?.toISOString() ?? null

const toPerson = (row: PersonRow): Static<typeof personAnswer> => ({
  ...{ id: row.id, name: row.name, email: row.email, role: row.role },
  clients: row.clients ? [...row.clients] : null,
  createdAt: row.created_at.toISOString(),
  disabledAt: isoTime(row.disabled_at),
})

export const people = { listPeople, createPerson, changePerson, whoAmI }
