import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { list } from '../../data/files.ts'
import type { Workspace } from '../../data/workspace.ts'
import { PolkuErrors } from '../../errors/errors.ts'
import type { ProblemRecord } from '../../errors/problem.ts'
import { readFlow } from '../../flow/read-flow.ts'
import type { Flow } from '../../flow/schema.ts'
import type { Clients } from '../clients.ts'
import type { ServiceDatabase } from '../database/database.ts'
import { tell } from '../events/events.ts'
import type { Log } from '../log.ts'
import type { FlowToCheck } from '../runner/check.ts'
import { adopt, markBroken } from './activate.ts'
import { forget, goneFor, noteGone } from './gone.ts'
import { versionOf } from './versions.ts'

export interface SurveyParts {
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

interface Known {
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

/** Looks at the files of all clients' flows, and keeps what the database holds of those that run by themselves. */
export class Survey {
  readonly #parts: SurveyParts
  /** What each file looked like when it was last dealt with, by client and flow. */
  readonly #seen = new Map<string, { readonly state: string; readonly again: number }>()
  /** Until when clients are left alone whose workspace cannot be worked in. */
  readonly #resting = new Map<string, number>()

  constructor(parts: SurveyParts) {
    this.#parts = parts
  }

  async look(): Promise<void> {
    const { clients, database, now } = this.#parts
    const workspaces = clients.there()
    const rows = await database.query<Known & { client: string; flow: string }>(
      'select client, flow, version, broken_version, gone_since from polku.flow',
    )
    const known = Map.groupBy(rows, ({ client }) => client)
    await this.#tellLost([...known.keys()], workspaces)
    for (const [client, workspace] of workspaces)
      try {
        if (now() < (this.#resting.get(client) ?? 0)) continue
        await this.#lookAt(workspace, new Map((known.get(client) ?? []).map((row) => [row.flow, row])))
      } catch (error) {
        this.#parts.log.warn({ client, error }, 'the flows of a client could not be looked at')
        this.#resting.set(client, this.#parts.now() + restFor)
      }
  }

  async #lookAt(workspace: Workspace, known: ReadonlyMap<string, Known>): Promise<void> {
    const { now } = this.#parts
    const states = fileStates(workspace)
    await this.#noteGone(workspace, states, known)
    const reads: Read[] = []
    for (const [flow, state] of states) {
      const seen = this.#seen.get(`${workspace.client.client}/${flow}`)
      if (seen?.state === state && now() < seen.again) continue
      const read = readFile(workspace, flow, state)
      if (!read) continue
      if (await this.#isSettled(workspace, read, known.get(flow))) this.#settle(workspace, read)
      else reads.push(read)
    }
    await this.#check(workspace, reads)
  }

  /** Lets flows rest whose files are gone; files of those that rested are read anew, as if they had changed. */
  async #noteGone(
    workspace: Workspace,
    states: ReadonlyMap<string, string>,
    known: ReadonlyMap<string, Known>,
  ): Promise<void> {
    const { database, now } = this.#parts
    const isFolderThere = existsSync(join(workspace.root, 'flows'))
    for (const [flow, { gone_since: since }] of known) {
      const isGone = !states.has(flow)
      if (isGone || since) this.#seen.delete(`${workspace.client.client}/${flow}`)
      if (isGone && (since === null || since.getTime() + goneFor <= now()))
        await noteGone(database, { workspace, flow }, { now: now(), isFolderThere })
    }
  }

  /** Whether nothing of a text has to be checked. */
  async #isSettled(workspace: Workspace, { flow, text, parsed }: Read, known: Known | undefined): Promise<boolean> {
    const { database, now } = this.#parts
    if (parsed && !runsByItself(parsed) && !known) return true
    // The client's time zone, of which the schedule may be, is not in the text; nor is that its file was gone.
    if (!parsed || known?.version !== versionOf(text)) return false
    await adopt(database, { workspace, flow, text }, parsed, now())
    return true
  }

  async #check(workspace: Workspace, reads: readonly Read[]): Promise<void> {
    const { check, database, now } = this.#parts
    const asOf = workspace.today(now())
    const sound = reads.filter(({ parsed }) => parsed !== undefined)
    const orders = sound.map(({ flow, text, parsed }) => ({ flow, text, asOf, givenLater: givenLater(parsed) }))
    const checked = orders.length > 0 ? await check(workspace, orders) : []
    for (const read of reads) {
      const { flow, text, parsed } = read
      const problems = parsed ? (checked[sound.indexOf(read)] ?? []) : read.problems
      if (parsed && problems.length === 0 && !runsByItself(parsed)) await forget(database, { workspace, flow })
      else if (parsed && problems.length === 0) await adopt(database, { workspace, flow, text }, parsed, now())
      else await markBroken(database, { workspace, flow, text }, problems)
      this.#settle(workspace, read, problems.length > 0 ? now() + recheckAfter : undefined)
    }
  }

  #settle({ client }: Workspace, { flow, state }: Read, again = Number.POSITIVE_INFINITY): void {
    this.#seen.set(`${client.client}/${flow}`, { state, again })
  }

  /** Tells once of workspaces that are gone, and once when they are back. */
  async #tellLost(known: readonly string[], workspaces: ReadonlyMap<string, Workspace>): Promise<void> {
    const { database, now } = this.#parts
    const lost = await database.query<{ client: string }>('select client from polku.lost_workspace')
    const away = new Set(lost.map(({ client }) => client))
    for (const client of known.filter((name) => !workspaces.has(name) && !away.has(name)))
      await database.transaction(async (queries) => {
        const [told] = await queries.query(
          'insert into polku.lost_workspace values ($1, $2) on conflict do nothing returning 1',
          [client, new Date(now())],
        )
        if (told) await tell(queries, [{ client, event: 'workspace gone', detail: {} }])
      })
    for (const client of [...away].filter((name) => workspaces.has(name)))
      await database.transaction(async (queries) => {
        const [back] = await queries.query('delete from polku.lost_workspace where client = $1 returning 1', [client])
        if (back) await tell(queries, [{ client, event: 'workspace back', detail: {} }])
      })
  }
}

/** What tells a changed file from the same, for each flow of a client. The client's time zone is part of a schedule. */
function fileStates(workspace: Workspace): Map<string, string> {
  const states = new Map<string, string>()
  const { timezone = '' } = workspace.client
  for (const file of list(join(workspace.root, 'flows'))) {
    const flow = /^([a-z][a-z0-9-]{0,63})\.yaml$/.exec(file)?.[1]
    if (flow === undefined) continue
    const stat = statSync(join(workspace.root, 'flows', file), { throwIfNoEntry: false })
    if (stat?.isFile()) states.set(flow, `${stat.mtimeMs} ${stat.ctimeMs} ${stat.size} ${stat.ino} ${timezone}`)
  }
  return states
}

/** A flow's text, and what is wrong with its shape; undefined where the file is gone by now. */
function readFile(workspace: Workspace, flow: string, state: string): Read | undefined {
  let text: string
  try {
    text = readFileSync(join(workspace.root, 'flows', `${flow}.yaml`), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
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
