import { randomBytes } from 'node:crypto'
import { appendFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { endLastLine, list, readIfThere, readLines, writeWhole } from '../data/files.ts'
import type { Workspace } from '../data/workspace.ts'
import { PolkuError } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'
import type { Ingredients } from '../step/key.ts'
import type { RunRecord } from './record.ts'

/** How to run the same again: what `--resume` reads. */
export interface RunRequest {
  readonly flowFile: string
  readonly params: Readonly<Record<string, unknown>>
  readonly asOf: string
  /** The step from which on everything shall be done anew. */
  readonly from?: string
}

interface StepLine {
  readonly step: string
  readonly ingredients: Ingredients
}

/** One run's folder `.polku/runs/ID/`: request.json, run.json, events.jsonl, steps.jsonl, report.html. */
export class RunFolder {
  readonly id: string
  readonly #workspace: Workspace
  readonly #folder: string
  readonly #unfinished: string
  #ingredients: Map<string, Ingredients> | undefined

  constructor(workspace: Workspace, id: string) {
    this.id = id
    this.#workspace = workspace
    this.#folder = workspace.internal('runs', id)
    this.#unfinished = workspace.internal('tmp')
  }

  create(request: RunRequest): void {
    writeWhole(join(this.#folder, 'request.json'), JSON.stringify(request, null, 2), this.#unfinished)
    for (const file of ['events.jsonl', 'steps.jsonl']) endLastLine(join(this.#folder, file))
  }

  /** The path of the report, relative to the workspace. */
  get report(): string {
    return this.#workspace.relative(this.reportPath)
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

  /** Notes that a step has given its result, and of what it was made. */
  writeIngredients(step: string, ingredients: Ingredients): void {
    const line: StepLine = { step, ingredients }
    appendFileSync(join(this.#folder, 'steps.jsonl'), `${JSON.stringify(line)}\n`)
    this.#ingredients?.set(step, ingredients)
  }

  /** What a step that has given its result was made of. */
  ingredients(step: string): Ingredients | undefined {
    this.#ingredients ??= new Map(
      readLines<StepLine>(join(this.#folder, 'steps.jsonl')).map(({ step, ingredients }) => [step, ingredients]),
    )
    return this.#ingredients.get(step)
  }
}

/** Ids of all runs of a workspace, oldest first; they begin with the time they started. */
export const runIds = (workspace: Workspace): string[] =>
  list(workspace.internal('runs')).filter((name) => /^\d{8}-\d{9}-/.test(name))

/** The flow of a run of this id. */
export const flowOf = (id: string): string => id.slice(19, -5)

export const runId = (flow: string, now: number, salt: string): string => {
  const digits = new Date(now).toISOString().replaceAll(/\D/g, '')
  return `${digits.slice(0, 8)}-${digits.slice(8, 17)}-${flow}-${salt}`
}

const salts = 2 ** 16
let salt = randomBytes(2).readUInt16BE()

/**
 * An id that no other run has: the time, the flow, and a number that begins by chance and goes on by one, so that a
 * process which asks for many runs in one millisecond gives each its own.
 */
export function newRunId(flow: string, now: number): string {
  salt = (salt + 1) % salts
  return runId(flow, now, salt.toString(16).padStart(4, '0'))
}

/** The newest run of a flow that was done; undefined where there is none. */
export function newestRun(workspace: Workspace, flow: string): RunFolder | undefined {
  const ids = runIds(workspace).filter((id) => flowOf(id) === flow)
  const folders = ids.reverse().map((id) => new RunFolder(workspace, id))
  return folders.find((folder) => folder.record?.status === 'done')
}

/** The run a person means: its id, a part of it that is unique, or `latest`. Throws RUN_UNKNOWN. */
export function findRun(workspace: Workspace, reference: string): RunFolder {
  // A whole id needs no search among all.
  if (/^\d{8}-\d{9}-[a-z0-9-]+$/.test(reference) && existsSync(workspace.internal('runs', reference)))
    return new RunFolder(workspace, reference)
  const ids = runIds(workspace)
  const matches =
    reference === 'latest' ? ids.slice(-1) : ids.filter((id) => id === reference || id.includes(reference))
  const [id] = matches
  if (id === undefined || matches.length > 1)
    throw new PolkuError('RUN_UNKNOWN', {
      run: reference,
      actual: reference,
      nearest:
        matches.length > 1
          ? `It could be ${matches.slice(0, 5).join(', ')}.`
          : nearest(reference, ids.slice(-12), 'run'),
    })
  return new RunFolder(workspace, id)
}
