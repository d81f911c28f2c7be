import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { sql } from '../../nodes/lib/sql.ts'
import { defineNode, type NodeDefinition, type Row, type Sql, settings } from '../../nodes/node.ts'
import type { CatalogueNode } from '../../runtime/catalogue/catalogue.ts'
import { Database } from '../../runtime/data/database.ts'
import { openEngine } from '../../runtime/notebook/step/provider.ts'
import { silent } from '../../runtime/run/progress.ts'
import type { RunRecord, StepRecord } from '../../runtime/run/record.ts'

/** One run of one node in a workspace of its own. */
export interface Tried {
  readonly record: RunRecord
  readonly step: StepRecord
  /** A metric's value, and its interval where it has one. */
  metric(name: string): { readonly value: number | null; readonly interval?: readonly number[] }
  readonly warnings: readonly string[]
  /** The rows of an output, in its order. */
  rows(output: string): Promise<Row[]>
}

export interface Trial {
  readonly inputs: Readonly<Record<string, Sql>>
  readonly with: Readonly<Record<string, unknown>>
  readonly asOf?: string
  readonly seed?: number
  /** What to run instead of the node that lies in its folder. */
  readonly definition?: NodeDefinition
}

/** A workspace for trying one node on tables that are given as queries. */
export interface Bench {
  readonly root: string
  /** Runs it; a step that fails is in the record. Throws the faults of a flow that does not check. */
  run(node: string, trial: Trial): Promise<Tried>
  close(): Promise<void>
}

// A query of fixed rows as a node; its text is its code, so that other rows are another step.
const fixedQuery = (name: string, query: Sql): CatalogueNode => ({
  name,
  file: '',
  code: JSON.stringify(query),
  definition: defineNode({
    title: 'Given rows',
    summary: 'Gives the rows of a fixed query.',
    inputs: {},
    params: settings({}),
    outputs: { table: 'The rows' },
    run: () => query,
  }) as unknown as NodeDefinition, // the narrower generic types of one node
})

async function readParquet(root: string, path: string): Promise<Row[]> {
  const database = await Database.open({ folder: root, temporary: join(root, '.polku', 'tmp', 'reading') })
  try {
    return await database.rows(sql`select * from read_parquet(${join(root, path)})`)
  } finally {
    database.close()
  }
}

async function tryNode(root: string, node: string, trial: Trial): Promise<Tried> {
  const { inputs, with: settings, asOf = '2026-10-01', seed = 1, definition } = trial
  const nodes = Object.entries(inputs).map(([name, query]) => fixedQuery(`given/${name}`, query))
  if (definition) nodes.push({ name: node, file: '', code: 'replaced', definition })
  const client = await openEngine(root, { nodes })
  try {
    const steps = Object.fromEntries(Object.keys(inputs).map((name) => [`in_${name}`, { uses: `given/${name}` }]))
    const from = Object.fromEntries(Object.keys(inputs).map((name) => [name, `in_${name}`]))
    const flow = join(root, 'flows', 'trial.yaml')
    writeFileSync(
      flow,
      stringify({ flow: 'trial', seed, steps: { ...steps, trial: { uses: node, from, with: settings } } }),
    )
    const request = { flow, params: {}, asOf }
    const record = await client.run(request, {
      progress: silent,
      signal: new AbortController().signal,
      now: Date.now,
    })
    const step = record.steps.at(-1)
    if (!step) throw new Error('The trial has no step.')
    return {
      record,
      step,
      metric: (name) => {
        const match = step.findings.find((finding) => finding.kind === 'metric' && finding.name === name)
        if (match?.kind !== 'metric') throw new Error(`There is no metric ${name}.`)
        return match
      },
      warnings: step.findings.flatMap((finding) =>
        finding.kind === 'note' && finding.level === 'warning' ? [finding.text] : [],
      ),
      rows: (output) => readParquet(root, step.outputs.find(({ name }) => name === output)?.path ?? ''),
    }
  } finally {
    await client.close()
  }
}

/** Opens a bench; `close` removes its workspace. */
export function openBench(): Bench {
  const root = mkdtempSync(join(tmpdir(), 'polku-bench-'))
  writeFileSync(join(root, 'client.yaml'), stringify({ client: 'bench', title: 'Bench' }))
  mkdirSync(join(root, 'flows'))
  return {
    root,
    run: (node, trial) => tryNode(root, node, trial),
    close: async () => rmSync(root, { recursive: true, force: true }),
  }
}
