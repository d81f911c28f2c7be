import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import type { SecretRow } from '../queue/secrets/store.ts'
import type { Service } from '../queue/service.ts'
import { deleteSecret, listSecrets, putSecret, type secretAnswer } from './api/secrets.ts'
import { clientOf } from './clients.ts'
import { serve } from './serve.ts'

/** Clients' secrets: put in and removed, never shown. */
export function secrets(app: FastifyInstance, service: Service, now: () => number): void {
  const { database } = service

  serve(app, listSecrets, async ({ params: { client } }) => {
    clientOf(service, client)
    return { items: (await service.secrets.list(client)).map(toAnswer), next: null }
  })

  serve(app, putSecret, async ({ params: { client, secret: name }, body: { value }, person, audit }) => {
    clientOf(service, client)
    return database.transaction(async (queries) => {
      const row = await service.secrets.put(queries, { client, name, value }, person.name, new Date(now()))
      await audit(queries)
      return toAnswer(row)
    })
  })

  serve(app, deleteSecret, async ({ params: { client, secret }, audit }) => {
    clientOf(service, client)
    await database.transaction(async (queries) => {
      await service.secrets.remove(queries, client, secret)
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
