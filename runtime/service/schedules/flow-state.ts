import type { Workspace } from '../../data/workspace.ts'
import type { ProblemRecord } from '../../errors/problem.ts'
import type { FlowTrigger } from '../../flow/schema.ts'
import type { Queries, ServiceDatabase } from '../database/database.ts'

/** When a flow runs by itself, and what becomes of times that passed while nothing was served. */
export interface FlowSchedule {
  readonly cron: string
  readonly timezone: string
  readonly missed: 'none' | 'latest' | 'all'
}

/** A flow that runs by itself, as it last checked. Without a version none of it ever has. */
export interface FlowState {
  readonly client: string
  readonly flow: string
  /** The hash of `text`. */
  readonly version: string | null
  readonly text: string | null
  readonly schedule: FlowSchedule | null
  readonly triggers: readonly FlowTrigger[]
  /** How far each trigger has been followed, by what it names. */
  readonly cursors: Readonly<Record<string, string>>
  /** Up to when its times have been dealt with. */
  readonly through: Date | null
  readonly next_at: Date | null
  /** What is wrong with the text that its file holds now. */
  readonly broken: readonly ProblemRecord[] | null
  /** Since when its file is not there: it starts nothing, and its state is retained for a while. */
  readonly gone_since: Date | null
}

/** A client's flows whose files are there. */
export const statesOf = (queries: Queries, client: string): Promise<FlowState[]> =>
  queries.query<FlowState>('select * from polku.flow where client = $1 and gone_since is null order by flow', [client])

export const stateOf = async (queries: Queries, client: string, flow: string): Promise<FlowState | undefined> => {
  const [state] = await queries.query<FlowState>('select * from polku.flow where client = $1 and flow = $2', [
    client,
    flow,
  ])
  return state
}

/** Changes the state of a flow: one at a time, whichever service it is. */
export const withState = <T>(
  database: ServiceDatabase,
  { workspace, flow }: { readonly workspace: Workspace; readonly flow: string },
  work: (queries: Queries, state: FlowState | undefined) => Promise<T>,
): Promise<T> =>
  database.transaction(async (queries) => {
    const { client } = workspace.client
    await queries.query(`select pg_advisory_xact_lock(hashtext('polku flow ' || $1 || ' ' || $2))`, [client, flow])
    return work(queries, await stateOf(queries, client, flow))
  })
