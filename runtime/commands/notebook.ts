import { existsSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { projectRoot } from '../data/installation.ts'
import { PolkuError } from '../errors/errors.ts'
import { plainDuration } from '../html/durations.ts'
import { type NotebookProgress, runNotebook } from '../notebook/execute/execute.ts'
import { loadRenderer, render } from './notebook-render.ts'
import { say } from './say.ts'

export interface NotebookOptions {
  readonly param: readonly string[]
  readonly kernel?: string
  readonly timeout?: string
  readonly cellTimeout?: string
  readonly memory?: string
  readonly out?: string
  readonly resume: boolean
}

/** The workspace of the command line, and whether it was told. */
export interface Where {
  readonly workspace: string
  readonly isGiven: boolean
}

// Notebooks to start from, which come with Polku.
const ownNotebooks = join(projectRoot, 'notebooks')

const usage = (reason: string) => new PolkuError('USAGE', { reason })

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 }
const sizes: Readonly<Record<string, number>> = { kb: 1e3, mb: 1e6, gb: 1e9, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30 }

/** A number with a unit as the command line has it. Throws USAGE. */
function measured(option: string, text: string | undefined, table: typeof units, example: string): number | undefined {
  if (text === undefined) return undefined
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text.trim())
  const unit = match?.[2]?.toLowerCase() ?? ''
  const value = Object.hasOwn(table, unit) ? Number(match?.[1]) * (table[unit] ?? 0) : 0
  if (value <= 0) throw usage(`${option} ${text} is not right; write it as ${example}.`)
  return value
}

function parameters(pairs: readonly string[]): Record<string, string> {
  const entries = pairs.map((pair): [string, string] => {
    const at = pair.indexOf('=')
    if (at < 1) throw usage(`--param ${pair} has no value; write --param name=value.`)
    return [pair.slice(0, at), pair.slice(at + 1)]
  })
  return Object.fromEntries(entries)
}

/** The notebook that is meant: a file, or a name in the workspace's notebooks/ or among Polku's own. */
function notebookFile(named: string, workspace: string): string {
  if (named.endsWith('.ipynb') || existsSync(named)) return named
  const folders = [join(workspace, 'notebooks'), ownNotebooks]
  return folders.map((folder) => join(folder, `${named}.ipynb`)).find((file) => existsSync(file)) ?? named
}

const liesInWorkspace = (folder: string): boolean =>
  existsSync(join(folder, 'client.yaml')) || (folder !== dirname(folder) && liesInWorkspace(dirname(folder)))

/** The workspace that `open()` shall open, where it is not the one that the notebook lies in. */
function workspaceFor(file: string, { workspace, isGiven }: Where): Readonly<Record<string, string>> {
  const lies = liesInWorkspace(dirname(resolve(file)))
  return isGiven || (!lies && liesInWorkspace(resolve(workspace))) ? { POLKU_WORKSPACE: resolve(workspace) } : {}
}

/** Where the executed notebook goes if nothing is said: train.run.ipynb beside train.ipynb; of Polku's own, in the workspace. */
function outFor(file: string, workspace: string): string {
  const folder = dirname(resolve(file)) === ownNotebooks ? join(workspace, 'notebooks') : dirname(file)
  return join(folder, `${basename(file, extname(file))}.run.ipynb`)
}

const lines: NotebookProgress = {
  note: (text) => say(`${text}\n`),
  cellStart: ({ number, total, firstLine }) => say(`  ${`${number}/${total}`.padEnd(8)}${firstLine}\n`),
  cellEnd: ({ number, total }, status, milliseconds) =>
    say(
      `  ${`${number}/${total}`.padEnd(8)}${status}${status === 'cached' ? ' from before' : `, ${plainDuration(milliseconds)}`}\n`,
    ),
}

const modified = (file: string): number => (existsSync(file) ? statSync(file).mtimeMs : 0)

/** Runs a notebook without anybody there, and makes the report of what ran. Throws USAGE, and all that runNotebook throws. */
export async function runNotebookFile(named: string, where: Where, options: NotebookOptions): Promise<void> {
  const file = notebookFile(named, where.workspace)
  const out = options.out ?? outFor(file, where.workspace)
  const cancel = new AbortController()
  const onSignal = () => cancel.abort()
  const request = {
    file,
    out,
    params: parameters(options.param),
    kernel: options.kernel,
    timeout: measured('--timeout', options.timeout, units, '90s, 10m or 2h'),
    cellTimeout: measured('--cell-timeout', options.cellTimeout, units, '90s, 10m or 2h'),
    memory: measured('--memory', options.memory, sizes, '500MB or 2GB'),
    resume: options.resume,
    env: workspaceFor(file, where),
  }
  const started = Date.now()
  const earlier = modified(out)
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  // Loaded while the kernel has the work. Whoever needs it is told where that fails.
  const progress: NotebookProgress = {
    ...lines,
    cellStart: (cell) => {
      lines.cellStart(cell)
      if (cell.number === 1) setImmediate(() => loadRenderer().catch(() => {}))
    },
  }
  try {
    await runNotebook(request, { progress, signal: cancel.signal, now: Date.now })
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
    // A run that failed has a report too; one that was refused wrote nothing.
    if (modified(out) !== earlier) await render(out, { pdf: false })
  }
  say(`Done in ${plainDuration(Date.now() - started)}: ${out}\n`)
}
