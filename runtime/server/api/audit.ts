import { Type } from 'typebox'
import { nameForm } from '../../data/names.ts'
import { endpoint } from '../http/endpoint.ts'

const closed = { additionalProperties: false }
const id = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' })
const name = Type.String({ pattern: nameForm })
const time = Type.String({ format: 'date-time' })
const moment = Type.String({
  pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,3})?)?Z)?$',
  description: 'A date, or a time of UTC such as 2026-10-01T06:00Z',
})
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()])

const auditAnswer = Type.Object(
  {
    number: Type.Integer({ description: 'Without a gap from 1' }),
    at: time,
    person: orNull(id),
    personName: Type.String(),
    client: orNull(Type.String()),
    action: Type.String(),
    target: Type.Record(Type.String(), Type.Unknown()),
    address: orNull(Type.String()),
    hash: Type.String({ description: 'SHA-256 of the row and the hash of the one before' }),
  },
  closed,
)

export const listAudit = endpoint({
  name: 'listAudit',
  method: 'GET',
  url: '/audit',
  tag: 'audit',
  summary: 'Who changed what and looked at customers’ rows, the newest first',
  description: 'Who may see some clients only sees what was done there. Nothing changes or removes a row.',
  allow: ['operator', 'administrator'],
  query: Type.Object(
    {
      client: Type.Optional(name),
      person: Type.Optional(id),
      action: Type.Optional(Type.String({ maxLength: 60, description: 'Such as start run' })),
      from: Type.Optional(moment),
      to: Type.Optional(moment),
      limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
      cursor: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$' })),
    },
    closed,
  ),
  answer: Type.Object({ items: Type.Array(auditAnswer), next: orNull(Type.String()) }, closed),
})

export const checkAudit = endpoint({
  name: 'checkAudit',
  method: 'GET',
  url: '/audit/check',
  tag: 'audit',
  summary: 'Whether each row of the audit log is as it was written and none is missing',
  description: 'Keep `rows` and `head` elsewhere: they show later whether the newest rows were cut off.',
  allow: ['administrator'],
  answer: Type.Object(
    {
      rows: Type.Integer(),
      head: Type.String(),
      broken: orNull(Type.Object({ number: Type.Integer(), reason: Type.String() }, closed)),
    },
    closed,
  ),
})
