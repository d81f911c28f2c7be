import { Type } from 'typebox'
import { listIncidents as incidentsOf } from '../../service/events/events.ts'
import { visibleClients } from '../access/clients.ts'
import { everyRole } from '../access/person.ts'
import { endpoint } from '../http/endpoint.ts'
import { limit, listOf, name, object, orNull, time } from '../http/schemas.ts'

const incidentAnswer = object({
  number: Type.Integer(),
  client: name,
  kind: Type.Enum([
    ...(['run failed', 'run stopped', 'run late', 'flow broken'] as const),
    ...(['trigger failed', 'trigger circle', 'backfill failed', 'workspace gone'] as const),
  ]),
  flow: orNull(Type.String()),
  run: orNull(Type.String()),
  code: orNull(Type.String({ description: 'Of the problem' })),
  times: Type.Integer({ description: 'How often it happened since' }),
  since: time,
  recoveredAt: orNull(time),
})

const listIncidents = endpoint({
  name: 'listIncidents',
  method: 'GET',
  url: '/incidents',
  tag: 'watching',
  summary: 'What went wrong, the newest first',
  description: 'An incident is open until what it tells of is right again. Of clients that you may see.',
  allow: everyRole,
  query: object({
    client: Type.Optional(name),
    open: Type.Boolean({ default: false, description: 'Only those that are open' }),
    limit: limit,
    cursor: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$' })),
  }),
  answer: listOf(incidentAnswer),
  handle: async ({ service, query: { client, open, limit = 50, cursor }, person }) => {
    const rows = await incidentsOf(service.database, {
      clients: visibleClients(person, client),
      open,
      before: cursor,
      limit: limit + 1,
    })
    const items = rows.slice(0, limit).map((incident) => ({
      ...{ number: Number(incident.number), client: incident.client, kind: incident.kind, run: incident.run },
      flow: incident.subject || null,
      code: incident.detail.problem?.code ?? null,
      times: incident.times,
      since: incident.since.toISOString(),
      recoveredAt: incident.recovered_at?.toISOString() ?? null,
    }))
    return { items, next: rows.length > limit ? String(items.at(-1)?.number) : null }
  },
})

export const incidents = { listIncidents }
