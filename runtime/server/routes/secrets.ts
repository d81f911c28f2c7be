import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import { PolkuError } from '../../errors/errors.ts'
import type { SecretRow } from '../../service/secrets/store.ts'
import type { Service } from '../../service/service.ts'
import { deleteSecret, listSecrets, putSecret, type secretAnswer } from '../api/secrets.ts'
import { serve } from '../http/register.ts'
import { clientOf } from './clients/clients.ts'

/** Clients' secrets: put in and removed, never shown. */
export function secrets(app: FastifyInstance, service: Service, now: () => number): void {
  const { database } = service

  serve(app, listSecrets, async ({ params: { client } }) => {
    clientOf(service, client)
    return { items: (await service.secrets.list(client)).map(toAnswer), next: null }
  })

  serve(app, putSecret, async ({ params: { client, name }, body: { value }, person, audit }) => {
    clientOf(service, client)
    if (name === 'KEY')
      throw new PolkuError('SECRET_INVALID', { name, reason: 'POLKU_SECRET_KEY is the key of the service itself' })
    return database.transaction(async (queries) => {
      const row = await service.secrets.put(queries, { client, name, value }, person.name, new Date(now()))
      await audit(queries)
      return toAnswer(row)
    })
  })

  serve(app, deleteSecret, async ({ params: { client, name }, audit }) => {
    clientOf(service, client)
    await database.transaction(async (queries) => {
      await service.secrets.remove(queries, client, name)
      await audit(queries)
    })
    return null
  })
}

const toAnswer = (row: SecretRow): Static<typeof secretAnswer> => ({
  name: row.name,
  changedAt: row.changed_at.toISOString(),
  changedBy: row.changed_by,
})
