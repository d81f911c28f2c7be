import type { FastifyInstance } from 'fastify'
import { listIncidents as incidentsOf } from '../../service/events/events.ts'
import type { Service } from '../../service/service.ts'
import { usageOf } from '../../service/upkeep/usage.ts'
import { maySee, type Person } from '../access/person.ts'
import { unknownClient } from '../access/sign-in.ts'
import { listIncidents, listUsage } from '../api/watch.ts'
import { serve } from '../http/register.ts'

/** Incidents and usage, to be looked at. */
export function watch(app: FastifyInstance, { database }: Service, now: () => number): void {
  serve(app, listIncidents, async ({ query: { client, open, limit, cursor }, person }) => {
    const rows = await incidentsOf(database, { clients: seen(person, client), open, before: cursor, limit: limit + 1 })
    const items = rows.slice(0, limit).map((incident) => ({
      ...{ number: Number(incident.number), client: incident.client, kind: incident.kind, run: incident.run },
      flow: incident.subject || null,
      code: incident.detail.problem?.code ?? null,
      times: incident.times,
      since: incident.since.toISOString(),
      recoveredAt: incident.recovered_at?.toISOString() ?? null,
    }))
    return { items, next: rows.length > limit ? String(items.at(-1)?.number) : null }
  })

  serve(app, listUsage, async ({ query: { client, from, to }, person }) => {
    const thisMonth = new Date(now()).toISOString().slice(0, 7)
    const until = to ?? thisMonth
    const items = await usageOf(database, { clients: seen(person, client), from: from ?? until, to: until })
    return { items, next: null }
  })
}

/** The clients that are asked for and may be seen; undefined for all. Throws CLIENT_UNKNOWN. */
function seen(person: Person, client: string | undefined): readonly string[] | undefined {
  if (client === undefined) return person.clients
  if (!maySee(person, client)) throw unknownClient(client)
  return [client]
}
