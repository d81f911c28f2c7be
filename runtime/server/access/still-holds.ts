import type { Queries } from '../../service/database/database.ts'
import type { Person } from './person.ts'

/** Whether what a person signed in with still lets them in, with the rights of then: for answers that take long. */
export async function stillHolds(queries: Queries, person: Person, now: Date): Promise<boolean> {
  const { id, role, clients = null, by } = person
  const [holder] = await queries.query(
    `select 1 from polku.person where id = $1 and disabled_at is null
      and (clients is null or ($2::text[] is not null and clients @> $2::text[]))
      and (role = $3 or role = 'administrator')`,
    [id, clients, role],
  )
  if (!holder) return false
  const [held] =
    by.kind === 'token'
      ? await queries.query('select 1 from polku.token where id = $1 and revoked_at is null and expires_at > $2', [
          by.id,
          now,
        ])
      : await queries.query('select 1 from polku.session where id = $1', [by.id])
  return held !== undefined
}
