import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { sql } from '../../nodes/lib/sql.ts'
import type { Row, Sql } from '../../nodes/node.ts'
import { Database } from '../../runtime/data/database.ts'
import type { Engine } from '../../runtime/engine/engine.ts'
import { openEngine } from '../../runtime/notebook/step/provider.ts'
import { silent } from '../../runtime/run/progress.ts'
import type { RunRecord, StepRecord } from '../../runtime/run/record.ts'
import { sharedData } from '../fixtures/parts.ts'

// The public data beside the project, which it must not contain.
export const telco = join(sharedData, 'telco-churn/Telco-Customer-Churn.csv')
export const bank = join(sharedData, 'bank-marketing/bank-full.csv')

/** Whether a file is there; says so where it is not, as its tests are skipped then. */
export function isThere(file: string): boolean {
  const there = existsSync(file)
  if (!there) console.info(`${basename(file)} is not tried: there is no ${file}.`)
  return there
}

/** A new client who has put `files` into data/ and runs Polku's own flows with nothing but parameters; made when it is first asked something. */
export function newClient(files: readonly string[]) {
  let folder: string | undefined
  const root = (): string => {
    folder ??= makeWorkspace(files)
    return folder
  }
  return {
    run: (flow: string, params: Readonly<Record<string, string>>): Promise<RunRecord> =>
      withClient(root(), (client) =>
        client.run(
          { flow, params, asOf: '2026-10-01' },
          { progress: silent, signal: new AbortController().signal, now: Date.now },
        ),
      ),
    /** Rows of a query over a step's output. */
    rows: async (step: StepRecord, query: (table: Sql) => Sql): Promise<Row[]> => {
      const database = await Database.open({ folder: root(), temporary: join(root(), '.polku', 'tmp', 'reading') })
      try {
        return await database.rows(query(sql`read_parquet(${join(root(), step.outputs[0]?.path ?? '')})`))
      } finally {
        database.close()
      }
    },
    close: () => {
      if (folder) rmSync(folder, { recursive: true, force: true })
    },
  }
}

function makeWorkspace(files: readonly string[]): string {
  const root = mkdtempSync(join(tmpdir(), 'polku-flows-'))
  writeFileSync(join(root, 'client.yaml'), 'client: trial\ntitle: Trial\n')
  mkdirSync(join(root, 'data'))
  for (const file of files) copyFileSync(file, join(root, 'data', basename(file)))
  return root
}

async function withClient<T>(root: string, work: (client: Engine) => Promise<T>): Promise<T> {
  const client = await openEngine(root)
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

export function stepOf(record: RunRecord, name: string): StepRecord {
  const step = record.steps.find((candidate) => candidate.name === name)
  if (!step) throw new Error(`The run has no step ${name}.`)
  return step
}

export function metricOf(record: RunRecord, step: string, name: string): number {
  const metric = stepOf(record, step).findings.find((finding) => finding.kind === 'metric' && finding.name === name)
  if (metric?.kind !== 'metric' || metric.value === null) throw new Error(`The step ${step} has no metric ${name}.`)
  return metric.value
}

export const warningsOf = (record: RunRecord): string[] =>
  record.steps.flatMap((step) =>
    step.findings.flatMap((finding) => (finding.kind === 'note' && finding.level === 'warning' ? [finding.text] : [])),
  )
