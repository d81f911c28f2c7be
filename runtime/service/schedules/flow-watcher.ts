import { existsSync } from 'node:fs'
import { ownFlowFile, ownFlowFolder, ownFlowSigns, textIfThere, versionOf } from '../../catalogue/flow-files.ts'
import type { Workspace } from '../../data/workspace.ts'
import { PolkuErrors } from '../../errors/errors.ts'
import type { ProblemRecord } from '../../errors/problem.ts'
import { readFlow } from '../../flow/read-flow.ts'
import type { Flow } from '../../flow/schema.ts'
import type { Clients } from '../clients.ts'
import type { ServiceDatabase } from '../database/database.ts'
import { emit } from '../events/events.ts'
import type { Log } from '../log.ts'
import type { FlowToCheck } from '../runner/check.ts'
import { activate, markBroken } from './activate.ts'
import { forget, goneFor, noteGone } from './gone.ts'

export interface FlowWatcherDependencies {
  readonly database: ServiceDatabase
  readonly clients: Clients
  readonly check: (workspace: Workspace, flows: readonly FlowToCheck[]) => Promise<(readonly ProblemRecord[])[]>
  readonly log: Log
  readonly now: () => number
}

/** How long a text that did not check rests before it is checked again: what it lacked may have come. In ms. */
const recheckAfter = 300_000

/** How long a client rests whose flows could not be looked at, in ms. */
const restFor = 60_000

interface StoredFlow {
  readonly version: string | null
  readonly broken_version: string | null
  readonly gone_since: Date | null
}

interface Read {
  readonly flow: string
  /** Of the file before it was read. */
  readonly state: string
  readonly text: string
  readonly parsed: Flow | undefined
  readonly problems: readonly ProblemRecord[]
}

/** Looks at the files of all clients' flows, and keeps the database’s state of those that run by themselves current. */
export class FlowWatcher {
  readonly #dependencies: FlowWatcherDependencies
  /** What each file looked like when it was last dealt with, by client and flow. */
  readonly #handled = new Map<string, { readonly state: string; readonly again: number }>()
  /** Until when clients are left alone whose workspace cannot be worked in. */
  readonly #resting = new Map<string, number>()

  constructor(dependencies: FlowWatcherDependencies) {
    this.#dependencies = dependencies
  }

  async look(): Promise<void> {
    const { clients, database, now } = this.#dependencies
    const workspaces = clients.there()
    const rows = await database.query<StoredFlow & { client: string; flow: string }>(
      'select client, flow, version, broken_version, gone_since from polku.flow',
    )
    const stored = Map.groupBy(rows, ({ client }) => client)
    await this.#emitLost([...stored.keys()], workspaces)
    for (const [client, workspace] of workspaces)
      try {
        if (now() < (this.#resting.get(client) ?? 0)) continue
        await this.#lookAt(workspace, new Map((stored.get(client) ?? []).map((row) => [row.flow, row])))
      } catch (error) {
        this.#dependencies.log.warn({ client, error }, 'the flows of a client could not be looked at')
        this.#resting.set(client, this.#dependencies.now() + restFor)
      }
  }

  async #lookAt(workspace: Workspace, stored: ReadonlyMap<string, StoredFlow>): Promise<void> {
    const { now } = this.#dependencies
    const states = fileStates(workspace)
    await this.#noteGone(workspace, states, stored)
    const reads: Read[] = []
    for (const [flow, state] of states) {
      const handled = this.#handled.get(`${workspace.client.client}/${flow}`)
      if (handled?.state === state && now() < handled.again) continue
      const read = readFile(workspace, flow, state)
      if (!read) continue
      if (await this.#isCurrent(workspace, read, stored.get(flow))) this.#noteHandled(workspace, read)
      else reads.push(read)
    }
    await this.#check(workspace, reads)
  }

  /** Lets flows rest whose files are gone; files of those that rested are read anew, as if they had changed. */
  async #noteGone(
    workspace: Workspace,
    states: ReadonlyMap<string, string>,
    stored: ReadonlyMap<string, StoredFlow>,
  ): Promise<void> {
    const { database, now } = this.#dependencies
    const isFolderThere = existsSync(ownFlowFolder(workspace))
    for (const [flow, { gone_since: since }] of stored) {
      const isGone = !states.has(flow)
      if (isGone || since) this.#handled.delete(`${workspace.client.client}/${flow}`)
      if (isGone && (since === null || since.getTime() + goneFor <= now()))
        await noteGone(database, { workspace, flow }, { now: now(), isFolderThere })
    }
  }

  /** Whether nothing of a text has to be checked. */
  async #isCurrent(
    workspace: Workspace,
    { flow, text, parsed }: Read,
    stored: StoredFlow | undefined,
  ): Promise<boolean> {
    const { database, now } = this.#dependencies
    if (parsed && !runsByItself(parsed) && !stored) return true
    // The client's time zone, of which the schedule may be, is not in the text; nor is that its file was gone.
    if (!parsed || stored?.version !== versionOf(text)) return false
    await activate(database, { workspace, flow, text }, parsed, now())
    return true
  }

  async #check(workspace: Workspace, reads: readonly Read[]): Promise<void> {
    const { check, database, now } = this.#dependencies
    const asOf = workspace.today(now())
    const sound = reads.filter(({ parsed }) => parsed !== undefined)
    const orders = sound.map(({ flow, text, parsed }) => ({ flow, text, asOf, givenLater: givenLater(parsed) }))
    const checked = orders.length > 0 ? await check(workspace, orders) : []
    for (const read of reads) {
      const { flow, text, parsed } = read
      const problems = parsed ? (checked[sound.indexOf(read)] ?? []) : read.problems
      if (parsed && problems.length === 0 && !runsByItself(parsed)) await forget(database, { workspace, flow })
      else if (parsed && problems.length === 0) await activate(database, { workspace, flow, text }, parsed, now())
      else await markBroken(database, { workspace, flow, text }, problems)
      this.#noteHandled(workspace, read, problems.length > 0 ? now() + recheckAfter : undefined)
    }
  }

  #noteHandled({ client }: Workspace, { flow, state }: Read, again = Number.POSITIVE_INFINITY): void {
    this.#handled.set(`${client.client}/${flow}`, { state, again })
  }

  /** Emits once which workspaces that are gone, and once when they are back. */
  async #emitLost(stored: readonly string[], workspaces: ReadonlyMap<string, Workspace>): Promise<void> {
    const { database, now } = this.#dependencies
    const lost = await database.query<{ client: string }>('select client from polku.lost_workspace')
    const away = new Set(lost.map(({ client }) => client))
    for (const client of stored.filter((name) => !workspaces.has(name) && !away.has(name)))
      await database.transaction(async (queries) => {
        const [created] = await queries.query(
          'insert into polku.lost_workspace values ($1, $2) on conflict do nothing returning 1',
          [client, new Date(now())],
        )
        if (created) await emit(queries, [{ client, event: 'workspace gone', detail: {} }])
      })
    for (const client of [...away].filter((name) => workspaces.has(name)))
      await database.transaction(async (queries) => {
        const [back] = await queries.query('delete from polku.lost_workspace where client = $1 returning 1', [client])
        if (back) await emit(queries, [{ client, event: 'workspace back', detail: {} }])
      })
  }
}

/** What each flow of a client looks like on the disk; the client's time zone is part of a schedule. */
const fileStates = (workspace: Workspace): Map<string, string> =>
  new Map([...ownFlowSigns(workspace)].map(([flow, sign]) => [flow, `${sign} ${workspace.timezone}`]))

/** A flow's text, and what is wrong with its shape; undefined where the file is gone by now. */
function readFile(workspace: Workspace, flow: string, state: string): Read | undefined {
  const text = textIfThere(ownFlowFile(workspace, flow))
  if (text === undefined) return undefined
  try {
    return { flow, state, text, parsed: readFlow(text, `flows/${flow}.yaml`).flow, problems: [] }
  } catch (error) {
    if (!(error instanceof PolkuErrors)) throw error
    return { flow, state, text, parsed: undefined, problems: error.errors.map((each) => each.toProblem()) }
  }
}

const runsByItself = ({ schedule, triggers = [] }: Flow): boolean => schedule !== undefined || triggers.length > 0

/** Parameters that only a file that arrives can give. */
function givenLater(flow: Flow | undefined): string[] {
  const triggers = flow?.triggers ?? []
  const isByFile = !flow?.schedule && triggers.every(({ file }) => file !== undefined)
  return isByFile ? triggers.flatMap(({ param }) => param ?? []) : []
}
