import { Type } from 'typebox'
import { PolkuError } from '../../../errors/errors.ts'
import type { Queries } from '../../../service/database/database.ts'
import type { RunRow, RunState } from '../../../service/queue/run.ts'
import { workspaceOf } from '../../access/clients.ts'
import { everyRole } from '../../access/person.ts'
import { endpoint } from '../../http/endpoint.ts'
import { cursor, limit, listOf, name, object, ofClient, parseTimestamp, runId, timestamp } from '../../http/schemas.ts'
import { runAnswer, states, toAnswer } from './answer.ts'

const filters = {
  flow: Type.Optional(name),
  state: Type.Optional(
    Type.Array(Type.Enum([...states]), { maxItems: 7, description: 'Any of these; it may be given several times' }),
  ),
  from: Type.Optional(timestamp),
  to: Type.Optional(timestamp),
  limit,
  cursor,
}

const listRuns = endpoint({
  name: 'listRuns',
  method: 'GET',
  url: '/clients/:client/runs',
  tag: 'runs',
  summary: 'A client’s runs, the newest first',
  allow: everyRole,
  params: ofClient,
  query: object({
    ...filters,
    parent: Type.Optional(Type.String({ ...runId, description: 'The run that started them, one for each item' })),
  }),
  answer: listOf(runAnswer),
  handle: async ({ service, params: { client }, query }) => {
    workspaceOf(service, client)
    const { runs: rows, next } = await findRuns(service.database, { ...query, clients: [client] })
    return { items: rows.map(toAnswer), next }
  },
})

const listAllRuns = endpoint({
  name: 'listAllRuns',
  method: 'GET',
  url: '/runs',
  tag: 'runs',
  summary: 'The runs of all clients that you may see, the newest first',
  allow: everyRole,
  query: object(filters),
  answer: listOf(runAnswer),
  handle: async ({ service, query, person }) => {
    const { runs: rows, next } = await findRuns(service.database, { ...query, clients: person.clients })
    return { items: rows.map(toAnswer), next }
  },
})

interface RunFilter {
  /** Undefined for all. */
  readonly clients: readonly string[] | undefined
  readonly flow?: string
  readonly state?: readonly RunState[]
  /** When they were requested, from and before. */
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
async function findRuns(
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
    from !== undefined && `requested_at >= ${bind(parseTimestamp('from', from))}`,
    to !== undefined && `requested_at < ${bind(parseTimestamp('to', to))}`,
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
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return { runs: page, next: rows.length > limit && last ? `${last.micros}.${last.id}` : null }
}

export const runLists = { listRuns, listAllRuns }
