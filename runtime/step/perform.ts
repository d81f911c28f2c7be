import { join } from 'node:path'
import type { Column, Table } from '../../nodes/node.ts'
import type { CatalogueNode } from '../catalogue/catalogue.ts'
import { type ArtifactStore, type StoredResult, writeOutput } from '../data/artifacts.ts'
import { sameColumns } from '../data/columns.ts'
import type { Database } from '../data/database.ts'
import type { Workspace } from '../data/workspace.ts'
import { PolkuError } from '../errors/errors.ts'
import type { ModelRegistry } from '../model/registry.ts'
import { StepContext, type StepServices } from './context.ts'
import type { Secrets } from './secrets.ts'
import { resolvePaths } from './settings.ts'
import { outputQueries } from './typing.ts'

/** One use of a node that was checked: what it works on, and the columns it promised. */
export interface Performance {
  readonly node: CatalogueNode
  /** Dates resolved, paths relative to the workspace. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly inputs: Readonly<Record<string, Table>>
  readonly promised: Readonly<Record<string, readonly Column[]>>
  /** The hash of all it depends on. */
  readonly key: string
  /** Whether to replace what is stored under the key. */
  readonly again?: boolean
}

type PerformServices = Omit<StepServices, 'folder'> & {
  readonly workspace: Workspace
  readonly store: ArtifactStore
  /** Those that a flow may name; none outside of flows. */
  readonly secrets?: Secrets
  readonly now: () => number
}

/** Does the work and stores what it gives, whole or not at all. Throws the node's own errors, OUTPUT_MISMATCH. */
export async function perform(
  { node, settings: given, inputs, promised, key, again }: Performance,
  services: PerformServices,
): Promise<StoredResult> {
  const { workspace, database, store, now } = services
  const started = now()
  const draft = store.draft(key)
  const context = new StepContext(node, { ...services, folder: join(draft, 'temporary') })
  try {
    const resolved = resolvePaths(node, { ...given }, workspace)
    const settings = services.secrets?.reveal(resolved) ?? resolved
    const queries = outputQueries(node, await node.definition.run(inputs, settings, context.context))
    const outputs: StoredResult['outputs'][number][] = []
    for (const [name, query] of queries) {
      const output = context.takeFile(draft, name, query) ?? (await writeOutput(database, draft, name, query))
      keepPromise(node, name, promised[name] ?? [], output.columns)
      outputs.push(output)
    }
    const { report } = node.definition
    if (report) await withViews(database, draft, outputs, (tables) => report(tables, settings, context.context, inputs))
    await context.close()
    const result: StoredResult = {
      key,
      outputs,
      findings: services.secrets?.redact(context.findings) ?? context.findings,
      models: context.models,
      milliseconds: now() - started,
    }
    store.commit(draft, result, { again })
    return result
  } finally {
    await context.close()
    store.discard(draft)
  }
}

/** Lets `work` look at the outputs of a draft. */
async function withViews(
  database: Database,
  draft: string,
  outputs: StoredResult['outputs'],
  work: (tables: Record<string, Table>) => void | Promise<void>,
): Promise<void> {
  const tables: Record<string, Table> = {}
  for (const { name, columns } of outputs) {
    const relation = database.freshName(`draft ${name}`)
    await database.viewParquet(relation, join(draft, `${name}.parquet`))
    tables[name] = { relation, columns }
  }
  await work(tables)
  for (const { relation } of Object.values(tables)) await database.drop('view', relation)
}

function keepPromise(node: CatalogueNode, output: string, promised: readonly Column[], given: readonly Column[]): void {
  if (sameColumns(promised, given)) return
  const words = (columns: readonly Column[]) => columns.map(({ name, type }) => `${name} ${type}`).join(', ')
  throw new PolkuError('OUTPUT_MISMATCH', {
    node: node.name,
    output,
    promised: words(promised),
    given: words(given),
  })
}

/** Whether the models that a stored result made are still there; without them it is no longer whole. */
export const hasModels = (result: StoredResult, registry: ModelRegistry): boolean =>
  result.models.every((reference) => {
    const [name = '', version] = reference.split('@')
    return registry.versions(name).includes(Number(version))
  })
