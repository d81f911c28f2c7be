import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { list, readIfThere, writeWhole } from '../data/files.ts'
import type { Workspace } from '../data/workspace.ts'
import { PolkuError } from '../errors.ts'
import { nearest } from '../nearest.ts'
import type { Ingredients } from './key.ts'
import type { RunRecord } from './record.ts'

/** How to run the same again: what `--resume` reads. */
export interface RunRequest {
  readonly flowFile: string
  readonly params: Readonly<Record<string, unknown>>
  readonly asOf: string
}

/** One run's folder `.polku/runs/ID/`: request.json, run.json, events.jsonl, steps/, report.html. */
export class RunFolder {
  readonly id: string
  readonly #folder: string
  readonly #unfinished: string

  constructor(workspace: Workspace, id: string) {
    this.id = id
    this.#folder = workspace.internal('runs', id)
    this.#unfinished = workspace.internal('tmp')
  }

  create(request: RunRequest): void {
    mkdirSync(join(this.#folder, 'steps'), { recursive: true })
    writeWhole(join(this.#folder, 'request.json'), JSON.stringify(request, null, 2), this.#unfinished)
  }

  get reportPath(): string {
    return join(this.#folder, 'report.html')
  }

  get request(): RunRequest | undefined {
    return readIfThere<RunRequest>(join(this.#folder, 'request.json'))
  }

  get record(): RunRecord | undefined {
    return readIfThere<RunRecord>(join(this.#folder, 'run.json'))
  }

  write(record: RunRecord): void {
    writeWhole(join(this.#folder, 'run.json'), JSON.stringify(record, null, 1), this.#unfinished)
  }

  writeReport(html: string): void {
    writeWhole(this.reportPath, html, this.#unfinished)
  }

  event(at: string, event: Readonly<Record<string, unknown>>): void {
    appendFileSync(join(this.#folder, 'events.jsonl'), `${JSON.stringify({ at, ...event })}\n`)
  }

  writeIngredients(step: string, parts: Ingredients): void {
    writeWhole(join(this.#folder, 'steps', `${step}.json`), JSON.stringify(parts, null, 1), this.#unfinished)
  }

  ingredients(step: string): Ingredients | undefined {
    return readIfThere<Ingredients>(join(this.#folder, 'steps', `${step}.json`))
  }
}

/** Ids of all runs of a workspace, oldest first; they begin with the time they started. */
const runIds = (workspace: Workspace): string[] =>
  list(workspace.internal('runs')).filter((name) => /^\d{8}-\d{9}-/.test(name))

export const runId = (flow: string, now: number, salt: string): string => {
  const digits = new Date(now).toISOString().replaceAll(/\D/g, '')
  return `${digits.slice(0, 8)}-${digits.slice(8, 17)}-${flow}-${salt}`
}

/** The latest earlier run of the same flow that worked on `step`. */
export function previousIngredients(
  workspace: Workspace,
  flow: string,
  before: string,
  step: string,
): { run: string; parts: Ingredients } | undefined {
  const earlier = runIds(workspace)
    .filter((id) => id < before && id.slice(19, -5) === flow)
    .slice(-20)
    .reverse()
  for (const id of earlier) {
    const parts = new RunFolder(workspace, id).ingredients(step)
    if (parts) return { run: id, parts }
  }
  return undefined
}

/** The newest run of a flow that was done; undefined where there is none. */
export function newestRun(workspace: Workspace, flow: string): RunFolder | undefined {
  const ids = runIds(workspace).filter((id) => id.slice(19, -5) === flow)
  const folders = ids.reverse().map((id) => new RunFolder(workspace, id))
  return folders.find((folder) => folder.record?.status === 'done')
}

/** The run a person means: its id, a part of it that is unique, or `latest`. Throws RUN_UNKNOWN. */
export function findRun(workspace: Workspace, wanted: string): RunFolder {
  const ids = runIds(workspace)
  const matches = wanted === 'latest' ? ids.slice(-1) : ids.filter((id) => id === wanted || id.includes(wanted))
  const [id] = matches
  if (id === undefined || matches.length > 1)
    throw new PolkuError('RUN_UNKNOWN', {
      run: wanted,
      found: wanted,
      nearest:
        matches.length > 1 ? `It could be ${matches.slice(0, 5).join(', ')}.` : nearest(wanted, ids.slice(-12), 'run'),
    })
  return new RunFolder(workspace, id)
}
