import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { CatalogueNode } from '../../runtime/catalogue/catalogue.ts'
import type { Engine } from '../../runtime/engine/engine.ts'
import type { RunOptions } from '../../runtime/engine/request.ts'
import { openEngine } from '../../runtime/notebook/step/provider.ts'
import { silent } from '../../runtime/run/progress.ts'
import type { RunRecord, StepRecord } from '../../runtime/run/record.ts'
import { testNodes } from './nodes.ts'

// What the engine's tests share: running a flow of the test nodes in a workspace, and looking at what it left.

/** The whole path: a file, SQL, arrays, metrics, an effect. */
export const campaignFlow = `flow: campaign
steps:
  orders: { uses: import/rows, with: { path: data/orders.csv } }
  scaled: { uses: enrich/scale, from: orders }
  moments: { uses: enrich/moments, from: scaled }
  totals: { uses: segment/totals, from: moments }
  contacts: { uses: select/contacts, from: totals, with: { path: exports/contacts.csv, dataset: contacts } }
`

export function writeFlow(root: string, text: string, name = 'campaign'): string {
  const file = join(root, 'flows', `${name}.yaml`)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

export interface FlowSettings extends Partial<RunOptions> {
  readonly nodes?: readonly CatalogueNode[]
  readonly flow?: string
  readonly asOf?: string
}

async function withEngine<T>(
  root: string,
  work: (engine: Engine) => Promise<T>,
  nodes: readonly CatalogueNode[] = testNodes(),
): Promise<T> {
  const engine = await openEngine(root, { nodes })
  try {
    return await work(engine)
  } finally {
    await engine.close()
  }
}

/** Opens the workspace, runs its flow, closes it: what one `polku run` does. */
export const runFlow = (
  root: string,
  { nodes, flow = 'campaign', asOf = '2026-10-01', ...options }: FlowSettings = {},
): Promise<RunRecord> =>
  withEngine(
    root,
    (engine) =>
      engine.run(
        { flow: join(root, 'flows', `${flow}.yaml`), params: {}, asOf },
        { progress: silent, signal: new AbortController().signal, now: Date.now, ...options },
      ),
    nodes,
  )

export const stepOf = (record: RunRecord, name: string): StepRecord => {
  const step = record.steps.find((candidate) => candidate.name === name)
  if (!step) throw new Error(`The run has no step ${name}.`)
  return step
}

/** Which steps were taken from the store. */
export const cachedSteps = (record: RunRecord): string[] =>
  record.steps.filter((step) => step.cached).map((step) => step.name)

/** The content hash of every output. */
export const hashesOf = (record: RunRecord): Record<string, string> =>
  Object.fromEntries(
    record.steps.flatMap((step) => step.outputs.map((output) => [`${step.name}.${output.name}`, output.hash])),
  )

/** Every file under a folder with the hash of its content, by path; none where the folder is absent. */
export function filesUnder(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {}
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    entries
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path): [string, string] => [
        relative(folder, path),
        createHash('sha256').update(readFileSync(path)).digest('hex'),
      ])
      .sort(([left], [right]) => (left < right ? -1 : 1)),
  )
}

/** Paths that no finished work leaves: temporary files and folders, and whatever lies in `.polku/tmp`. */
export const staleTemporary = (root: string): string[] =>
  readdirSync(root, { withFileTypes: true, recursive: true })
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => /^\.polku\/tmp\/./.test(path) || /(^|\/)\.(?!polku)[^/]*$|\.tmp$/.test(path))
