import { PolkuError } from '../../../errors/errors.ts'
import type { Queries } from '../../../service/database/database.ts'
import type { RunRow, RunState } from '../../../service/queue/run.ts'
import { momentOf } from '../../http/moments.ts'

interface RunFilter {
  /** Undefined for all. */
  readonly clients: readonly string[] | undefined
  readonly flow?: string
  readonly state?: readonly RunState[]
  /** When they were asked for, from and before. */
  readonly from?: string
  readonly to?: string
  readonly parent?: string
  readonly limit?: number
  readonly cursor?: string
}

// Where a page ended: the exact time in microseconds since 1970, which Date does not hold, and the run.
const cursorForm = /^([0-9]{1,16})\.([a-zA-Z0-9-]{1,120})$/
const at = `timestamptz 'epoch' + $CURSOR::bigint * interval '1 microsecond'`

const invalid = (part: string): PolkuError =>
  new PolkuError('REQUEST_INVALID', { reason: `query.${part} is invalid`, right: 'As the API gave or describes it.' })

/** Runs by filters, the newest first, and the cursor of those that follow. Throws REQUEST_INVALID. */
export async function findRuns(
  queries: Queries,
  filter: RunFilter,
): Promise<{ runs: readonly RunRow[]; next: string | null }> {
  const values: unknown[] = []
  const bind = (value: unknown): string => `$${values.push(value)}`
  const { clients, flow, state, from, to, parent, limit = 50, cursor } = filter
  const [only, ...others] = clients ?? []
  const conditions = [
    clients && (others.length > 0 || only === undefined ? `client = any(${bind(clients)})` : `client = ${bind(only)}`),
    flow !== undefined && `flow = ${bind(flow)}`,
    // Written out, so that an index of some states serves; their schema has checked them.
    state && state.length > 0 && `state in (${state.map((each) => `'${each.replaceAll(/\W/g, '')}'`).join(', ')})`,
    from !== undefined && `requested_at >= ${bind(momentOf('from', from))}`,
    to !== undefined && `requested_at < ${bind(momentOf('to', to))}`,
    parent !== undefined && `parent = ${bind(parent)}`,
  ]
  if (cursor !== undefined) {
    const [, micros, id] = cursorForm.exec(cursor) ?? []
    if (micros === undefined) throw invalid('cursor')
    conditions.push(`(requested_at, id) < (${at.replace('$CURSOR', bind(micros))}, ${bind(id)})`)
  }
  const where = conditions.filter(Boolean).join(' and ')
  const rows = await queries.query<RunRow & { micros: string | number }>(
    `select *, (extract(epoch from requested_at) * 1000000)::bigint as micros from polku.run
    ${where ? `where ${where}` : ''} order by requested_at desc, id desc limit ${bind(limit + 1)}`,
    values,
  )
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { runs: shown, next: rows.length > limit && last ? `${last.micros}.${last.id}` : null }
}
