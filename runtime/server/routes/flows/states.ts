import { existsSync } from 'node:fs'
import { type Static, Type } from 'typebox'
import { flowNames, ownFlowFile } from '../../../catalogue/flow-files.ts'
import type { Workspace } from '../../../data/workspace.ts'
import { PolkuError, PolkuErrors } from '../../../errors/errors.ts'
import { humanise } from '../../../flow/plan.ts'
import { readFlowFile } from '../../../flow/read-flow.ts'
import type { Flow } from '../../../flow/schema.ts'
import type { RunRow } from '../../../service/queue/run.ts'
import type { Service } from '../../../service/service.ts'
import { name, object, orNull, runId, text, time } from '../../http/schemas.ts'
import { runState } from '../runs/answer.ts'

/** A flow as lists show it. */
export const flowState = object({
  flow: name,
  title: text,
  own: Type.Boolean({ description: 'Whether it is the client’s; Polku’s own are every client’s' }),
  sound: Type.Boolean({ description: 'Whether its file, as it is now, can be run as far as is known' }),
  paused: Type.Boolean(),
  nextAt: orNull(time),
  lastRun: orNull(object({ id: runId, state: runState, requestedAt: time, finishedAt: orNull(time) })),
})

type FlowStateAnswer = Static<typeof flowState>

type LastRun = Pick<RunRow, 'client' | 'flow' | 'id' | 'state' | 'requested_at' | 'finished_at'>

/** A flow's file as it is now; undefined where its shape is wrong. */
function soundFlow(workspace: Workspace, name: string): Flow | undefined {
  try {
    return readFlowFile(workspace, name).flow
  } catch (error) {
    if (error instanceof PolkuError || error instanceof PolkuErrors) return undefined
    throw error
  }
}

const isOwn = (workspace: Workspace, flow: string): boolean => existsSync(ownFlowFile(workspace, flow))

const keyOf = ({ client, flow }: { readonly client: string; readonly flow: string }): string => `${client} ${flow}`

/** The flows of these clients by client, each with its last run, next time and whether it is paused. */
export async function flowStates(
  { database }: Service,
  workspaces: readonly Workspace[],
): Promise<Map<string, FlowStateAnswer[]>> {
  const flows = workspaces.flatMap((workspace) =>
    flowNames(workspace).map((flow) => ({ workspace, client: workspace.client.client, flow })),
  )
  const clients = workspaces.map(({ client }) => client.client)
  const last = await database.query<LastRun>(
    `select newest.* from unnest($1::text[], $2::text[]) as wanted (client, flow) cross join lateral (
      select client, flow, id, state, requested_at, finished_at from polku.run
      where client = wanted.client and flow = wanted.flow order by requested_at desc, id desc limit 1
    ) as newest`,
    [flows.map(({ client }) => client), flows.map(({ flow }) => flow)],
  )
  const automatic = await database.query<{ client: string; flow: string; next_at: Date | null; broken: unknown }>(
    'select client, flow, next_at, broken from polku.flow where client = any($1)',
    [clients],
  )
  const pauses = await database.query<{ client: string; flow: string }>(
    'select client, flow from polku.pause where client = any($1)',
    [clients],
  )
  const lastOf = new Map(last.map((run) => [keyOf(run), run]))
  const automaticOf = new Map(automatic.map((state) => [keyOf(state), state]))
  const paused = new Set(pauses.map(keyOf))
  const states = flows.map(({ workspace, client, flow }) => {
    const file = soundFlow(workspace, flow)
    const run = lastOf.get(keyOf({ client, flow }))
    const state = automaticOf.get(keyOf({ client, flow }))
    const answer: FlowStateAnswer = {
      flow,
      title: file?.title ?? humanise(flow),
      own: isOwn(workspace, flow),
      sound: file !== undefined && !state?.broken,
      paused: paused.has(keyOf({ client, flow })) || paused.has(keyOf({ client, flow: '' })),
      nextAt: state?.next_at?.toISOString() ?? null,
      lastRun: run
        ? {
            ...{ id: run.id, state: run.state, requestedAt: run.requested_at.toISOString() },
            finishedAt: run.finished_at?.toISOString() ?? null,
          }
        : null,
    }
    return { client, answer }
  })
  const byClient = new Map<string, FlowStateAnswer[]>(clients.map((client) => [client, []]))
  for (const { client, answer } of states) byClient.get(client)?.push(answer)
  return byClient
}
