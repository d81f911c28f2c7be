import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from '../../../nodes/lib/sql.ts'
import type { Column, Datasets, Finding, Models, Row } from '../../../nodes/node.ts'
import { Catalogue } from '../../../runtime/catalogue/catalogue.ts'
import { Database } from '../../../runtime/data/database.ts'
import { StepContext } from '../../../runtime/step/context.ts'
import { outputQueries, typeOutputs } from '../../../runtime/step/typing.ts'

/** What one import of one file gave. */
export interface Imported {
  /** As the plan promised them, before a row was read. */
  readonly planned: readonly Column[]
  readonly columns: readonly Column[]
  readonly rows: readonly Row[]
  readonly rejected: readonly Row[]
  readonly findings: readonly Finding[]
}

/** A node of the family `import` outside a flow, to be tried on many small files with one DuckDB. */
export interface Importer {
  readonly root: string
  /** Writes `bytes` to a file and imports it. Throws what the node throws. */
  run(bytes: string | Uint8Array, settings?: Readonly<Record<string, unknown>>): Promise<Imported>
  close(): void
}

// These nodes use neither; a node that did would stop here.
const absent = new Proxy({}, { get: (_, name) => () => Promise.reject(new Error(`${String(name)} is not there.`)) })

export async function openImporter(node = 'import/csv'): Promise<Importer> {
  const root = mkdtempSync(join(tmpdir(), 'polku-import-'))
  const database = await Database.open({ folder: root, temporary: join(root, 'spill') })
  const catalogued = await new Catalogue().load(node)
  let files = 0
  return {
    root,
    run: async (bytes, settings = {}) => {
      files += 1
      const path = join(root, `file-${files}.csv`)
      writeFileSync(path, bytes)
      // What the checker fills in.
      const params = { path, skip: 0, compression: 'auto', trim: true, ...settings }
      const models = absent as Models // see above
      const datasets = absent as Datasets // see above
      const planned = await typeOutputs(catalogued, {}, params, {
        database,
        seed: 1,
        currency: 'EUR',
        models,
        datasets,
      })
      const step = new StepContext(catalogued, {
        database,
        seed: 1,
        currency: 'EUR',
        models,
        datasets,
        signal: new AbortController().signal,
        folder: join(root, `step-${files}`),
        onProgress: () => undefined,
      })
      try {
        const queries = outputQueries(catalogued, await catalogued.definition.run({}, params, step.context))
        const read = async (name: string) => (queries.has(name) ? database.rows(queries.get(name) ?? sql``) : [])
        return {
          planned: planned.rows ?? [],
          columns: await database.describe(queries.get('rows') ?? sql``),
          rows: await read('rows'),
          rejected: await read('rejected'),
          findings: step.findings,
        }
      } finally {
        await step.close()
        rmSync(path)
      }
    },
    close: () => {
      database.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

export const warningsOf = ({ findings }: Imported): string[] =>
  findings.flatMap((finding) => (finding.kind === 'note' && finding.level === 'warning' ? [finding.text] : []))

export const metricOf = ({ findings }: Imported, name: string): number | null | undefined =>
  findings.flatMap((finding) => (finding.kind === 'metric' && finding.name === name ? [finding.value] : []))[0]
