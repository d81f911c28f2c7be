import { Type } from 'typebox'
import { nameForm } from '../../data/names.ts'
import { endpoint, everyRole } from '../http/endpoint.ts'

const closed = { additionalProperties: false }
const name = Type.String({ pattern: nameForm })
const time = Type.String({ format: 'date-time' })
const month = Type.String({ pattern: '^[0-9]{4}-(0[1-9]|1[0-2])$', description: 'Such as 2026-10, of UTC' })
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()])

export const incidentAnswer = Type.Object(
  {
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
  },
  closed,
)

export const listIncidents = endpoint({
  name: 'listIncidents',
  method: 'GET',
  url: '/incidents',
  tag: 'watching',
  summary: 'What went wrong, the newest first',
  description: 'An incident is open until what it tells of is right again. Of clients that you may see.',
  allow: everyRole,
  query: Type.Object(
    {
      client: Type.Optional(name),
      open: Type.Boolean({ default: false, description: 'Only those that are open' }),
      limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
      cursor: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$' })),
    },
    closed,
  ),
  answer: Type.Object({ items: Type.Array(incidentAnswer), next: orNull(Type.String()) }, closed),
})

export const listUsage = endpoint({
  name: 'listUsage',
  method: 'GET',
  url: '/usage',
  tag: 'watching',
  summary: 'What clients used by month',
  description: 'Runs that were cleaned are counted still. Of clients that you may see.',
  allow: ['operator', 'administrator'],
  query: Type.Object(
    {
      client: Type.Optional(name),
      from: Type.Optional(month),
      to: Type.Optional(month),
    },
    closed,
  ),
  answer: Type.Object(
    {
      items: Type.Array(
        Type.Object(
          {
            client: name,
            month,
            runs: Type.Integer(),
            failed: Type.Integer(),
            cpuSeconds: Type.Number({ description: 'Of the processes that did the runs' }),
            rows: Type.Integer({ description: 'Of the steps that were done, not cached: of the first output of each' }),
            storageBytes: Type.Integer({ description: 'The most that the files took when they were measured' }),
          },
          closed,
        ),
      ),
      next: Type.Null(),
    },
    closed,
  ),
})
