import { Type } from 'typebox'
import { usageOf } from '../../service/upkeep/usage.ts'
import { visibleClients } from '../access/clients.ts'
import { endpoint } from '../http/endpoint.ts'
import { listOf, name, object } from '../http/schemas.ts'

const month = Type.String({ pattern: '^[0-9]{4}-(0[1-9]|1[0-2])$', description: 'Such as 2026-10, of UTC' })

const listUsage = endpoint({
  name: 'listUsage',
  method: 'GET',
  url: '/usage',
  tag: 'watching',
  summary: 'What clients used by month',
  description: 'Runs that were cleaned are counted still. Of clients that you may see.',
  allow: ['operator', 'administrator'],
  query: object({
    client: Type.Optional(name),
    from: Type.Optional(month),
    to: Type.Optional(month),
  }),
  answer: listOf(
    object({
      client: name,
      month,
      runs: Type.Integer(),
      failed: Type.Integer(),
      cpuSeconds: Type.Number({ description: 'Of the processes that did the runs' }),
      rows: Type.Integer({ description: 'Of the steps that were done, not cached: of the first output of each' }),
      storageBytes: Type.Integer({ description: 'The most that the files took when they were measured' }),
    }),
  ),
  handle: async ({ service, now, query: { client, from, to }, person }) => {
    const thisMonth = new Date(now()).toISOString().slice(0, 7)
    const until = to ?? thisMonth
    const items = await usageOf(service.database, {
      clients: visibleClients(person, client),
      from: from ?? until,
      to: until,
    })
    return { items, next: null }
  },
})

export const usage = { listUsage }
