import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PolkuError, PolkuErrors } from '../../../runtime/errors/errors.ts'
import { type NotebookRequest, runNotebook } from '../../../runtime/notebook/execute/execute.ts'
import type { Notebook } from '../../../runtime/notebook/nbformat/cells.ts'
import { readNotebook } from '../../../runtime/notebook/nbformat/file.ts'

// Runs small notebooks in a folder of their own and gives what they left.

const python = '/usr/bin/python3'

/** Whether Debian's Python kernel is here. */
export function hasPythonKernel(): boolean {
  try {
    execFileSync(python, ['-c', 'import ipykernel_launcher'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

type CellText = string | { readonly source: string; readonly tags: readonly string[] }

/** A notebook's file with code cells. */
export const notebookJson = (kernel: string, cells: readonly CellText[]): string =>
  JSON.stringify({
    metadata: { kernelspec: { name: kernel, display_name: kernel } },
    nbformat: 4,
    nbformat_minor: 5,
    cells: cells.map((cell, index) => ({
      cell_type: 'code',
      id: `cell-${index}`,
      metadata: typeof cell === 'string' ? {} : { tags: cell.tags },
      source: typeof cell === 'string' ? cell : cell.source,
      outputs: [],
      execution_count: null,
    })),
  })

export interface Ran {
  /** What the run left in its file; undefined where it left none. */
  readonly notebook: Notebook | undefined
  readonly problem: { readonly code: string; readonly message: string } | undefined
  readonly notes: readonly string[]
  /** `3 done`, in the order in which cells ended. */
  readonly ended: readonly string[]
}

/** A folder with what a notebook's run needs. */
export class Bench {
  readonly folder = mkdtempSync(join(tmpdir(), 'polku-notebooks-'))
  readonly file = join(this.folder, 'given.ipynb')
  readonly out = join(this.folder, 'given.run.ipynb')

  /** Puts a kernel where Jupyter looks. */
  install(name: string, argv: readonly string[], rest: object = {}): void {
    const specFolder = join(this.folder, 'kernels', name)
    mkdirSync(specFolder, { recursive: true })
    writeFileSync(
      join(specFolder, 'kernel.json'),
      JSON.stringify({ argv, display_name: name, language: 'python', ...rest }),
    )
  }

  write(kernel: string, cells: readonly CellText[]): void {
    writeFileSync(this.file, notebookJson(kernel, cells))
  }

  /** Runs the notebook. `onStart` is told the number of each cell that begins. */
  async run(
    request: Partial<NotebookRequest> = {},
    onStart?: (cell: number, cancel: () => void) => void,
  ): Promise<Ran> {
    const cancel = new AbortController()
    const notes: string[] = []
    const ended: string[] = []
    let problem: Ran['problem']
    const whole = { file: this.file, out: this.out, params: {}, env: { JUPYTER_PATH: this.folder }, ...request }
    try {
      await runNotebook(whole, {
        signal: cancel.signal,
        now: Date.now,
        progress: {
          note: (text) => notes.push(text),
          cellStart: ({ number }) => onStart?.(number, () => cancel.abort()),
          cellEnd: ({ number }, status) => ended.push(`${number} ${status}`),
        },
      })
    } catch (error) {
      problem = problemOf(error)
    }
    const left = readdirSync(this.folder).includes('given.run.ipynb')
    return { notebook: left ? readNotebook(this.out) : undefined, problem, notes, ended }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/**
 * Runs within a time limit, which is doubled until the machine gets within it to what `isReached` looks for: how fast
 * that is, no test depends on.
 */
export async function withinTime(
  first: number,
  run: (limit: number) => Promise<Ran>,
  isReached: (ran: Ran) => boolean,
): Promise<Ran & { readonly limit: number }> {
  for (let limit = first; ; limit *= 2) {
    const ran = await run(limit)
    if (isReached(ran)) return { ...ran, limit }
  }
}

function problemOf(error: unknown): Ran['problem'] {
  const [first = error] = error instanceof PolkuErrors ? error.errors : []
  if (!(first instanceof PolkuError)) throw error
  return { code: first.code, message: first.message }
}

/** The processes of a group that still run; one that is dead and not yet fetched does not. */
export const processesOf = (group: number): string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        const [state, , processGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        return Number(processGroup) === group && state !== 'Z' && state !== 'X'
      } catch {
        return false // it ended while one looked
      }
    })

/** The outputs of a code cell, by its place. */
export const outputsOf = ({ notebook }: Ran, index: number) => {
  const cell = notebook?.cells[index]
  return cell?.cell_type === 'code' ? cell.outputs : []
}
