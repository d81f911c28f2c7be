import { existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { canonical, hashFile, hashText } from '../../data/hash.ts'
import { type ErrorCode, type ErrorValues, PolkuError } from '../../errors/errors.ts'
import { notedSources, sourcesEnvironment } from '../environment.ts'
import { type Execution, Kernel, KernelDeath } from '../kernel-process/kernel.ts'
import { findKernel } from '../kernel-process/kernelspec.ts'
import { type Cell, firstLine, hasTag, metadataPart, type Notebook } from '../nbformat/cells.ts'
import { readNotebook } from '../nbformat/file.ts'
import { notebookParameters, withInjected } from '../parameters/injected.ts'
import { resolveParameters } from '../parameters/parameters.ts'
import { failureDetails, reasonOf } from './failure.ts'
import { guarded, type Limits } from './guard.ts'
import { type CellStatus, OutputNotebook, type RunFacts } from './output-notebook.ts'
import type { Resumption } from './resume.ts'

export interface NotebookRequest extends Limits {
  readonly file: string
  /** Where the executed notebook is written. */
  readonly out: string
  readonly params: Readonly<Record<string, unknown>>
  /** A kernel's name in place of the notebook's own. */
  readonly kernel?: string
  /** Whether to go on from what `out` holds of an earlier run. */
  readonly resume?: boolean
  /** What the kernel's environment has beside this process's own. */
  readonly env?: Readonly<Record<string, string>>
}

interface CellProgress {
  /** Counts the code cells that have code, from 1. */
  readonly number: number
  readonly total: number
  readonly firstLine: string
}

export interface NotebookProgress {
  note(text: string): void
  cellStart(cell: CellProgress): void
  cellEnd(cell: CellProgress, status: CellStatus, milliseconds: number): void
}

export interface NotebookContext {
  readonly progress: NotebookProgress
  readonly signal: AbortSignal
  readonly now: () => number
}

const outputLimits = { characters: 10_000_000, pieces: 2000 }
/** Timers take no longer delay: 24 days. */
const longest = 2 ** 31 - 1

/**
 * Runs a notebook from its first cell to its last and gives it with its outputs; `out` is written after each cell.
 * Throws what is wrong with the file, the kernel's name or the parameters before a kernel starts, and then KERNEL_START,
 * KERNEL_NOT_READY, KERNEL_DIED, NOTEBOOK_CELL_FAILED, _CELL_TIMEOUT, _TIMEOUT, _MEMORY and _CANCELLED.
 */
export async function runNotebook(request: NotebookRequest, context: NotebookContext): Promise<Notebook> {
  const { file, out } = request
  const started = context.now()
  const notebook = readNotebook(file)
  if (existsSync(out) && realpathSync(out) === realpathSync(file))
    throw new PolkuError('USAGE', { reason: `--out ${out} is the notebook itself; name another file.` })
  const spec = findKernel(request.kernel ?? kernelName(notebook), { ...process.env, ...request.env })
  const declared = await notebookParameters(notebook.cells, spec.language)
  const values = resolveParameters(declared, request.params, file)
  const parameters = Object.fromEntries(
    declared.map((one) => [one.name, Object.hasOwn(values, one.name) ? values[one.name] : one.default]),
  )
  const cells = withInjected(notebook.cells, declared, values, spec.language)
  const hash = await hashFile(file)
  const folder = mkdtempSync(join(tmpdir(), 'polku-sources-'))
  const noted = join(folder, 'sources')
  const facts = { file, hash, spec, parameters, started, sources: () => notedSources(noted) }
  // Where the notebook says who it is and what it read; what the caller gives goes before.
  const env = { POLKU_NOTEBOOK_FILE: resolve(file), ...sourcesEnvironment(noted), ...request.env }
  try {
    const run = new NotebookRun(request, { ...notebook, cells }, facts, env, context)
    return await run.run(request.resume ? await earlierRun(run, out, context.progress) : undefined)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The kernel that a notebook names; one that names none is Polku's. */
function kernelName({ metadata }: Notebook): string {
  const { name } = metadataPart(metadata, 'kernelspec')
  return typeof name === 'string' && name !== '' ? name : 'polku'
}

async function earlierRun(run: NotebookRun, out: string, progress: NotebookProgress): Promise<Resumption | undefined> {
  if (!existsSync(out)) {
    progress.note(`The run starts over: there is no earlier one in ${out}.`)
    return undefined
  }
  const resumption = await run.resumption(readNotebook(out))
  for (const note of resumption.notes) progress.note(note)
  return resumption
}

class NotebookRun {
  readonly #request: NotebookRequest
  readonly #facts: RunFacts
  readonly #env: Readonly<Record<string, string>>
  readonly #context: NotebookContext
  readonly #output: OutputNotebook
  /** By the indexes of the cells that have code, in their order. */
  readonly #hashes: ReadonlyMap<number, string>
  readonly #order: readonly number[]

  constructor(
    request: NotebookRequest,
    notebook: Notebook,
    facts: RunFacts,
    env: Readonly<Record<string, string>>,
    context: NotebookContext,
  ) {
    this.#request = request
    this.#facts = facts
    this.#env = env
    this.#context = context
    this.#output = new OutputNotebook(request.out, notebook, facts, context.now)
    const hashes = chainHashes(notebook.cells, canonical({ kernel: facts.spec.name, env: request.env ?? {} }))
    this.#hashes = new Map([...hashes].filter(([index]) => isRun(notebook.cells[index])))
    this.#order = [...this.#hashes.keys()]
  }

  async resumption(earlier: Notebook): Promise<Resumption> {
    const { resumption } = await import('./resume.ts')
    const { language } = this.#facts.spec
    const nameOf = (index: number) => this.#name(index)
    const resumed = resumption(earlier, { cells: this.#output.cells, hashes: this.#hashes, language, nameOf })
    if (resumed.reused.size > 0) this.#output.addSources(earlier)
    return resumed
  }

  async run(resumed: Resumption | undefined): Promise<Notebook> {
    const { progress, signal } = this.#context
    for (const [index, stored] of resumed?.reused ?? []) this.#output.keep(index, stored)
    if (resumed?.finished) progress.note('Nothing is left to do: the earlier run had finished.')
    if (resumed?.finished || this.#order.length === 0) return this.#output.save('done')
    this.#output.save('running')
    let kernel: Kernel | undefined
    try {
      kernel = await this.#start()
      for (const index of this.#order)
        if (resumed?.reused.has(index)) progress.cellEnd(this.#progress(index), 'cached', 0)
        else await this.#runCell(kernel, index)
      await kernel.shutdown()
      return this.#output.save('done')
    } catch (error) {
      kernel?.kill()
      const cancelled = signal.aborted && !(error instanceof PolkuError)
      const problem = cancelled ? this.#error('NOTEBOOK_CANCELLED', this.#order[0] ?? 0, {}) : error
      this.#output.save('failed', problem)
      throw problem
    }
  }

  #start(): Promise<Kernel> {
    const { file } = this.#request
    const { signal, now } = this.#context
    return Kernel.start(this.#facts.spec, {
      folder: dirname(resolve(file)),
      env: { ...process.env, ...this.#env },
      startTimeout: Math.max(0, Math.min(longest, this.#remaining() ?? longest)),
      outputLimits,
      signal,
      now,
    })
  }

  async #runCell(kernel: Kernel, index: number): Promise<void> {
    const { progress, now, signal } = this.#context
    const cell = this.#output.cells[index]
    if (cell?.cell_type !== 'code') return
    const cellProgress = this.#progress(index)
    progress.cellStart(cellProgress)
    const begun = now()
    const { outputs, done } = kernel.execute(cell.source)
    this.#output.gather(index, outputs)
    const end = (status: CellStatus, executionCount: number | null = null) => {
      const milliseconds = Math.round(now() - begun)
      this.#output.end(index, executionCount, { status, milliseconds, hash: this.#hashes.get(index) })
      this.#output.save('running')
      progress.cellEnd(cellProgress, status, milliseconds)
    }
    let execution: Execution
    try {
      const outcome = await guarded(kernel, done, { ...this.#request, remaining: this.#remaining(), signal })
      if ('code' in outcome) {
        end('stopped')
        throw this.#error(outcome.code, index, outcome.values)
      }
      execution = outcome
    } catch (error) {
      if (!(error instanceof KernelDeath)) throw error
      end('failed')
      throw this.#error('KERNEL_DIED', index, { reason: error.message })
    }
    const fails = execution.status !== 'ok' && !hasTag(cell, 'raises-exception')
    end(fails ? 'failed' : 'done', execution.executionCount)
    if (!fails) return
    const error = outputs.error ?? { output_type: 'error', ename: execution.status, evalue: '', traceback: [] }
    const details = failureDetails(cell.source, error)
    throw this.#error('NOTEBOOK_CELL_FAILED', index, { reason: reasonOf(error), details })
  }

  #error(code: ErrorCode, index: number, values: ErrorValues): PolkuError {
    const { file, out } = this.#request
    return new PolkuError(code, { ...values, cell: this.#name(index), out }, { file })
  }

  /** Milliseconds that are left for the whole notebook. */
  #remaining(): number | undefined {
    const { timeout } = this.#request
    return timeout === undefined ? undefined : timeout - (this.#context.now() - this.#facts.started)
  }

  #progress(index: number): CellProgress {
    const line = firstLine(this.#output.cells[index]?.source ?? '')
    return { number: this.#order.indexOf(index) + 1, total: this.#order.length, firstLine: line }
  }

  #name(index: number): string {
    const { number, firstLine: line } = this.#progress(index)
    return `${number} (${line})`
  }
}

const isRun = (cell: Cell | undefined): boolean =>
  cell?.cell_type === 'code' && cell.source.trim() !== '' && !hasTag(cell, 'skip-execution')

/** A hash of each code cell and all before it. `start` is what else the run depends on. */
export function chainHashes(cells: readonly Cell[], start: string): ReadonlyMap<number, string> {
  const hashes = new Map<number, string>()
  let hash = hashText(start)
  for (const [index, cell] of cells.entries()) {
    if (cell.cell_type !== 'code') continue
    hash = hashText(`${hash}\n${cell.source}`)
    hashes.set(index, hash)
  }
  return hashes
}
