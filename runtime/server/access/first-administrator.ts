import type { ServiceDatabase } from '../../service/database/database.ts'
import { writeAudit } from './audit-log.ts'
import { issueToken } from './tokens.ts'

const days = 365

/** Makes the first person where there is none, and returns the token, which is shown this once. */
export function firstAdministrator(database: ServiceDatabase, now: () => number): Promise<string | undefined> {
  return database.transaction(async (queries) => {
    await queries.query('select pg_advisory_xact_lock(7205759404)')
    const [someone] = await queries.query('select 1 from polku.person limit 1')
    if (someone) return undefined
    const [person] = await queries.query<{ id: string }>(
      `insert into polku.person (name, role) values ('administrator', 'administrator') returning id`,
    )
    if (!person) throw new Error('The administrator was not created.')
    const at = new Date(now())
    const expiresAt = new Date(at.getTime() + days * 86_400_000)
    const token = { person: person.id, name: 'first', role: 'administrator', clients: undefined, expiresAt } as const
    const { id, secret } = await issueToken(queries, token)
    const target = { person: person.id, token: id, role: 'administrator' }
    const entry = { at, person: undefined, client: undefined, action: 'make first administrator', target }
    await writeAudit(queries, { ...entry, address: undefined })
    return secret
  })
}
