import { Type } from 'typebox'
import { type AuditRow, verifyAudit } from '../access/audit-log.ts'
import { requireUnlimitedAdministrator } from '../access/person.ts'
import { endpoint } from '../http/endpoint.ts'
import { limit, listOf, name, object, orNull, parseTimestamp, time, timestamp, uuid } from '../http/schemas.ts'

const auditAnswer = object({
  number: Type.Integer({ description: 'Without a gap from 1' }),
  at: time,
  person: orNull(uuid),
  personName: Type.String(),
  client: orNull(Type.String()),
  action: Type.String(),
  target: Type.Record(Type.String(), Type.Unknown()),
  address: orNull(Type.String()),
  hash: Type.String({ description: 'SHA-256 of the row and the hash of the one before' }),
})

const listAudit = endpoint({
  name: 'listAudit',
  method: 'GET',
  url: '/audit',
  tag: 'audit',
  summary: 'Who changed what and looked at customers’ rows, the newest first',
  description: 'Who may see some clients only sees what was done there. Nothing changes or removes a row.',
  allow: ['operator', 'administrator'],
  query: object({
    client: Type.Optional(name),
    person: Type.Optional(uuid),
    action: Type.Optional(Type.String({ maxLength: 60, description: 'Such as start run' })),
    from: Type.Optional(timestamp),
    to: Type.Optional(timestamp),
    limit: limit,
    cursor: Type.Optional(Type.String({ pattern: '^[0-9]{1,15}$' })),
  }),
  answer: listOf(auditAnswer),
  handle: async ({ service, query: { client, person: by, action, from, to, limit = 50, cursor }, person }) => {
    const rows = await service.database.query<AuditRow>(
      `select * from polku.audit
      where ($1::text is null or client = $1) and ($2::uuid is null or person = $2) and ($3::text is null or action = $3)
        and ($4::timestamptz is null or at >= $4) and ($5::timestamptz is null or at < $5)
        and ($6::bigint is null or number < $6) and ($7::text[] is null or client = any($7))
      order by number desc limit $8`,
      [
        ...[
          client ?? null,
          by ?? null,
          action ?? null,
          parseTimestamp('from', from) ?? null,
          parseTimestamp('to', to) ?? null,
          cursor ?? null,
        ],
        ...[person.clients ? [...person.clients] : null, limit + 1],
      ],
    )
    const items = rows.slice(0, limit).map((row) => ({
      ...{ number: Number(row.number), at: row.at.toISOString(), person: row.person, personName: row.person_name },
      ...{ client: row.client, action: row.action, target: row.target, address: row.address, hash: row.hash },
    }))
    return { items, next: rows.length > limit ? String(items.at(-1)?.number) : null }
  },
})

const checkAudit = endpoint({
  name: 'checkAudit',
  method: 'GET',
  url: '/audit/check',
  tag: 'audit',
  summary: 'Whether each row of the audit log is as it was written and none is missing',
  description: 'Keep `rows` and `head` elsewhere: they show later whether the newest rows were cut off.',
  allow: ['administrator'],
  answer: object({
    rows: Type.Integer(),
    head: Type.String(),
    broken: orNull(object({ number: Type.Integer(), reason: Type.String() })),
  }),
  handle: async ({ service, person }) => {
    requireUnlimitedAdministrator(person)
    const { rows, head, broken } = await verifyAudit(service.database)
    return { rows, head, broken: broken ?? null }
  },
})

export const audit = { listAudit, checkAudit }
