import { type Static, Type } from 'typebox'
import { PolkuError } from '../../errors/errors.ts'
import type { SecretRow } from '../../service/secrets/store.ts'
import { workspaceOf } from '../access/clients.ts'
import { endpoint } from '../http/endpoint.ts'
import { listOf, object, ofClient, time } from '../http/schemas.ts'

const secret = Type.String({
  pattern: '^[A-Z][A-Z0-9_]{0,63}$',
  description: 'Its name in flows: large letters, digits and underscores',
})
const operators = ['operator', 'administrator'] as const
const ofSecret = object({ ...ofClient.properties, name: secret })

const secretAnswer = object({ name: secret, changedAt: time, changedBy: Type.String() })

const listSecrets = endpoint({
  name: 'listSecrets',
  method: 'GET',
  url: '/clients/:client/secrets',
  tag: 'secrets',
  summary: 'The names of a client’s secrets',
  description: 'No request gives a value.',
  allow: operators,
  params: ofClient,
  answer: listOf(secretAnswer),
  handle: async ({ service, params: { client } }) => {
    workspaceOf(service, client)
    return { items: (await service.secrets.list(client)).map(toAnswer), next: null }
  },
})

const putSecret = endpoint({
  name: 'putSecret',
  method: 'PUT',
  url: '/clients/:client/secrets/:name',
  tag: 'secrets',
  summary: 'Puts a secret in, or another in its place',
  description: 'Flows name it ${secret.NAME} in settings. Steps that use it are done anew when it changes.',
  allow: operators,
  audit: 'put secret',
  auditsItself: true,
  params: ofSecret,
  body: object({ value: Type.String({ minLength: 8, maxLength: 10_000, description: 'From 8 to 10,000 characters' }) }),
  answer: secretAnswer,
  handle: async ({ service, now, params: { client, name }, body: { value }, person, audit }) => {
    workspaceOf(service, client)
    if (name === 'KEY')
      throw new PolkuError('SECRET_INVALID', { name, reason: 'POLKU_SECRET_KEY is the key of the service itself' })
    return service.database.transaction(async (queries) => {
      const row = await service.secrets.put(queries, { client, name, value }, person.name, new Date(now()))
      await audit(queries)
      return toAnswer(row)
    })
  },
})

const deleteSecret = endpoint({
  name: 'deleteSecret',
  method: 'DELETE',
  url: '/clients/:client/secrets/:name',
  tag: 'secrets',
  summary: 'Removes a secret',
  allow: operators,
  audit: 'delete secret',
  auditsItself: true,
  params: ofSecret,
  answer: Type.Null(),
  status: 204,
  handle: async ({ service, params: { client, name }, audit }) => {
    workspaceOf(service, client)
    await service.database.transaction(async (queries) => {
      await service.secrets.remove(queries, client, name)
      await audit(queries)
    })
    return null
  },
})

const toAnswer = (row: SecretRow): Static<typeof secretAnswer> => ({
  name: row.name,
  changedAt: row.changed_at.toISOString(),
  changedBy: row.changed_by,
})

export const secrets = { listSecrets, putSecret, deleteSecret }
