import { appendFileSync, closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { writeWhole } from '../data/files.ts'
import type { Workspace } from '../data/workspace.ts'
import { isSystemError } from '../errors/system-error.ts'
import type { Ingredients } from '../step/key.ts'
import { flowOf, RunFolder, runIds } from './folder.ts'

/** How many earlier runs are asked why a step is done anew. */
const mostRuns = 20
/** The end of a flow's list of runs that holds these, in bytes, and the size at which the list is cut down to them. */
const tailBytes = 4096
const mostBytes = 1 << 18

/**
 * The newest runs of a flow, in `.polku/history/FLOW.txt`, one id a line: among a hundred thousand runs of a
 * workspace they are found without listing all. Who begins a run adds it; the list can be made anew from the runs.
 */
export class FlowHistory {
  readonly #workspace: Workspace
  readonly #run: string
  readonly #folders: readonly RunFolder[]

  private constructor(workspace: Workspace, run: string, ids: readonly string[]) {
    this.#workspace = workspace
    this.#run = run
    this.#folders = this.#earlier(ids)
  }

  /** Adds a run to the history of its flow. */
  static begin(workspace: Workspace, flow: string, run: string): FlowHistory {
    const file = workspace.internal('history', `${flow}.txt`)
    const tail = readTail(file)
    const ids = tail?.ids ?? runIds(workspace).filter((id) => flowOf(id) === flow)
    const newest = [...new Set([...ids.slice(-mostRuns), run])]
    if (!tail || tail.size > mostBytes) writeWhole(file, `${newest.join('\n')}\n`, workspace.internal('tmp'))
    else if (!ids.includes(run)) appendFileSync(file, `${run}\n`)
    return new FlowHistory(workspace, run, ids)
  }

  #earlier(ids: readonly string[]): RunFolder[] {
    const earlier = ids.filter((id) => id < this.#run).sort()
    return earlier
      .slice(-mostRuns)
      .reverse()
      .map((id) => new RunFolder(this.#workspace, id))
  }

  /** What a step was made of in the latest earlier run that worked on it. */
  ingredients(step: string): { run: string; ingredients: Ingredients } | undefined {
    for (const folder of this.#folders) {
      const ingredients = folder.ingredients(step)
      if (ingredients) return { run: folder.id, ingredients }
    }
    return undefined
  }
}

/** The ids at the end of a list; undefined where there is no list. */
function readTail(file: string): { ids: string[]; size: number } | undefined {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    throw error
  }
  try {
    const { size } = fstatSync(descriptor)
    const buffer = Buffer.alloc(Math.min(size, tailBytes))
    readSync(descriptor, buffer, 0, buffer.length, size - buffer.length)
    const lines = buffer.toString('utf8').split('\n')
    // The first line may have begun before.
    return { ids: lines.slice(size > buffer.length ? 1 : 0).filter((line) => line !== ''), size }
  } finally {
    closeSync(descriptor)
  }
}
