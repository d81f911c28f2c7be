import type { FastifyInstance } from 'fastify'
import type { Service } from '../../service/service.ts'
import { type AuditRow, verifyAudit } from '../access/audit-log.ts'
import { requireChief } from '../access/person.ts'
import { checkAudit, listAudit } from '../api/audit.ts'
import { momentOf } from '../http/moments.ts'
import { serve } from '../http/register.ts'

/** The audit log, to be read. */
export function audit(app: FastifyInstance, { database }: Service): void {
  serve(app, listAudit, async ({ query: { client, person: by, action, from, to, limit, cursor }, person }) => {
    const rows = await database.query<AuditRow>(
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
          momentOf('from', from) ?? null,
          momentOf('to', to) ?? null,
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
  })

  serve(app, checkAudit, async ({ person }) => {
    requireChief(person)
    const { rows, head, broken } = await verifyAudit(database)
    return { rows, head, broken: broken ?? null }
  })
}
