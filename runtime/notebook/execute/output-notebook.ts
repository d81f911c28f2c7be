import { existsSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { polkuVersion } from '../../data/installation.ts'
import { asPolkuError, PolkuError } from '../../errors/errors.ts'
import type { Sources } from '../environment.ts'
import type { KernelSpec } from '../kernel-process/kernelspec.ts'
import type { Outputs } from '../kernel-process/outputs.ts'
import { type Cell, type CodeCell, metadataPart, type Notebook } from '../nbformat/cells.ts'
import { writeNotebook } from '../nbformat/file.ts'

export type CellStatus = 'done' | 'failed' | 'stopped' | 'cached'

/** What the notebook's metadata tell of a run. */
export interface RunFacts {
  /** The notebook that is run, with the SHA-256 of its file. */
  readonly file: string
  readonly hash: string
  readonly spec: KernelSpec
  readonly parameters: Readonly<Record<string, unknown>>
  /** Milliseconds since 1970. */
  readonly started: number
  /** What the kernel has read and published until now. */
  readonly sources: () => Sources
}

/** The notebook that a run writes: after each cell, whole. */
export class OutputNotebook {
  readonly #path: string
  readonly #notebook: Notebook
  readonly #facts: RunFacts
  readonly #now: () => number
  readonly #cells: Cell[]
  /** Outputs may still come from what an earlier cell started. */
  readonly #outputs = new Map<number, Outputs>()
  #earlier: Sources = { tables: [], models: [] }

  constructor(path: string, notebook: Notebook, facts: RunFacts, now: () => number) {
    this.#path = path
    this.#notebook = notebook
    this.#facts = facts
    this.#now = now
    this.#cells = notebook.cells.map(cleared)
  }

  get cells(): readonly Cell[] {
    return this.#cells
  }

  /** Counts what an earlier run read among the sources: what is taken from it was made from them. */
  addSources({ metadata }: Notebook): void {
    const { tables, models } = metadataPart(metadata, 'polku')
    this.#earlier = {
      tables: Array.isArray(tables) ? tables : [],
      models: Array.isArray(models) ? models : [],
    }
  }

  /** Puts the outputs of an earlier run in the place of a cell's. */
  keep(index: number, { outputs, execution_count, metadata }: CodeCell): void {
    this.#change(index, { outputs, execution_count }, { ...metadataPart(metadata, 'polku'), status: 'cached' })
  }

  /** Ties a cell to what it gives from now on. */
  gather(index: number, outputs: Outputs): void {
    this.#outputs.set(index, outputs)
  }

  /** Notes how a cell ended. `milliseconds` is how long it took, `hash` what it and all before it are known by. */
  end(
    index: number,
    execution_count: number | null,
    polku: { readonly status: CellStatus; readonly milliseconds: number; readonly hash?: string },
  ): void {
    this.#change(index, { execution_count }, polku)
  }

  /** Writes what there is now, and gives it. Throws DISK_FULL, WORKSPACE_NOT_WRITABLE. */
  save(status: 'running' | 'done' | 'failed', problem?: unknown): Notebook {
    const { spec, parameters, started, file, hash } = this.#facts
    const { metadata } = this.#notebook
    const run = {
      started: new Date(started).toISOString(),
      milliseconds: Math.round(this.#now() - started),
      status,
      kernel: spec.name,
      parameters,
      ...(problem instanceof PolkuError ? { problem: problem.toProblem() } : {}),
    }
    const notebook = { path: pathInWorkspace(resolve(file)), hash }
    const { tables, models } = this.#facts.sources()
    const sources = {
      tables: once([...this.#earlier.tables, ...tables]),
      models: once([...this.#earlier.models, ...models]),
    }
    const polku = { ...metadataPart(metadata, 'polku'), run, notebook, versions, ...sources }
    const kernelspec = { name: spec.name, display_name: spec.displayName, language: spec.language }
    const cells = this.#cells.map((cell, index) => {
      const outputs = this.#outputs.get(index)
      return outputs && cell.cell_type === 'code' ? { ...cell, outputs: outputs.list } : cell
    })
    const written = { ...this.#notebook, cells, metadata: { ...metadata, kernelspec, polku } }
    try {
      writeNotebook(this.#path, written)
    } catch (error) {
      throw asPolkuError(error, this.#path)
    }
    return written
  }

  #change(index: number, changes: Partial<CodeCell>, polku: Readonly<Record<string, unknown>>): void {
    const cell = this.#cells[index]
    if (cell?.cell_type !== 'code') return
    const metadata = { ...cell.metadata, polku: { ...metadataPart(cell.metadata, 'polku'), ...polku } }
    this.#cells[index] = { ...cell, ...changes, metadata }
  }
}

const once = <T>(items: readonly T[]): T[] => [...new Map(items.map((item) => [JSON.stringify(item), item])).values()]

const versions = { polku: polkuVersion, node: process.versions.node }

/** A path as reports name it: relative to the workspace that holds it, so that it means the same when that has moved. */
function pathInWorkspace(path: string): string {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(join(folder, 'client.yaml'))) return relative(folder, path)
  return path
}

/** A cell as it is before it runs: nothing of an earlier run stands beside what this one gives. */
function cleared(cell: Cell): Cell {
  if (cell.cell_type !== 'code') return cell
  const { status: _status, milliseconds: _milliseconds, hash: _hash, ...polku } = metadataPart(cell.metadata, 'polku')
  const { polku: _polku, ...metadata } = cell.metadata
  const cleaned = Object.keys(polku).length > 0 ? { ...metadata, polku } : metadata
  return { ...cell, metadata: cleaned, outputs: [], execution_count: null }
}
