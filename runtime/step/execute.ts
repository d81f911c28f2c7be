import { join } from 'node:path'
import type { Column, Sql, Table } from '../../nodes/node.ts'
import type { CatalogueNode } from '../catalogue/catalogue.ts'
import { type ArtifactStore, type StoredOutput, type StoredResult, writeOutput } from '../data/artifacts.ts'
import { sameColumns } from '../data/columns.ts'
import type { Database } from '../data/database.ts'
import { PolkuError } from '../errors/errors.ts'
import type { ModelRegistry } from '../model/registry.ts'
import { type BoundStep, filesRead, missingFile, nodeSettings } from './bind.ts'
import { StepContext, type StepServices } from './context.ts'
import { type Ingredients, ingredients, type KeyServices, stepKey } from './key.ts'
import { nodeFault } from './node-fault.ts'
import type { Secrets } from './secrets.ts'
import { outputQueries } from './typing.ts'

/** What a step's result depends on, and what is stored of it. */
export interface StepLookup {
  readonly step: BoundStep
  readonly seed: number
  readonly ingredients: Ingredients
  /** The hash of all it depends on. */
  readonly key: string
  /** The result that serves; undefined where the step must be performed. */
  readonly stored: StoredResult | undefined
  /** Whether a result lies under the key that does not serve, because a model it had stored is gone. */
  readonly isDamaged: boolean
  /** Why a stored result does not serve, in words. */
  readonly again: string | undefined
}

type LookupServices = KeyServices & { readonly store: ArtifactStore }

/**
 * Looks for the result of a step on inputs of these content hashes. `again` says why it is performed in spite of one.
 * Throws FILE_NOT_FOUND where a file to read has gone, MODEL_* and DATASET_* likewise.
 */
export async function lookUpStep(
  step: BoundStep,
  inputs: Readonly<Record<string, string>>,
  seed: number,
  services: LookupServices,
  again: (key: string) => string | undefined = () => undefined,
): Promise<StepLookup> {
  const used = await ingredients(step, inputs, seed, services)
  const key = stepKey(used)
  const reason = again(key)
  const candidate = step.node.definition.effect || reason ? undefined : services.store.find(key)
  const isWhole = candidate !== undefined && hasModels(candidate, services.models)
  return {
    ...{ step, seed, ingredients: used, key, again: reason },
    stored: isWhole ? candidate : undefined,
    isDamaged: candidate !== undefined && !isWhole,
  }
}

/**
 * What a step gave when it was done before on these very files and inputs (by content hash): a flow in which
 * nothing changed need not look into its files again to be checked. Undefined where something is new, or
 * hashing its files would take a pass over them.
 */
export async function storedOutputs(
  step: BoundStep,
  inputs: Readonly<Record<string, string>>,
  seed: number,
  services: Omit<LookupServices, 'now'>,
): Promise<readonly StoredOutput[] | undefined> {
  const { workspace, hashes, store } = services
  if (missingFile(step, workspace)) return undefined
  const others = (step.node.reads?.() ?? []).flatMap((source) => /^file (.+)$/.exec(source)?.[1] ?? [])
  const files = [
    ...filesRead(step).map(({ value }) => workspace.requireFile(value)),
    ...others.map((path) => join(workspace.root, path)),
  ]
  if (!files.every((file) => hashes.remembered(file))) return undefined
  // Nothing is hashed here, so no clock decides what may be remembered.
  const used = await ingredients(step, inputs, seed, { ...services, now: () => 0 })
  return store.find(stepKey(used))?.outputs
}

/** What a step that was looked up works on, and the columns it promised. */
export interface Work {
  readonly inputs: Readonly<Record<string, Table>>
  readonly promised: Readonly<Record<string, readonly Column[]>>
}

type PerformServices = Omit<StepServices, 'folder' | 'seed' | 'currency'> &
  Pick<LookupServices, 'workspace' | 'store' | 'secrets' | 'now'>

/** A step's result: the stored one, or what `work` gives, stored whole or not at all. Throws the node's own errors, OUTPUT_MISMATCH. */
export async function executeStep(
  lookup: StepLookup,
  work: () => Work | Promise<Work>,
  services: PerformServices,
): Promise<StoredResult> {
  return lookup.stored ?? perform(lookup, await work(), services)
}

async function perform(
  { step, seed, key, again }: StepLookup,
  { inputs, promised }: Work,
  services: PerformServices,
): Promise<StoredResult> {
  const { workspace, database, store, secrets, now } = services
  const { node } = step
  const started = now()
  const draft = store.draft(key)
  try {
    const settings = nodeSettings(step, workspace, secrets)
    const folder = join(draft, 'temporary')
    const { currency } = workspace
    return await runNode(node, inputs, settings, { ...services, seed, currency, folder }, async (queries, context) => {
      const outputs: StoredOutput[] = []
      for (const [name, query] of queries) {
        const output = context.takeFile(draft, name, query) ?? (await writeOutput(database, draft, name, query))
        requirePromised(node, name, promised[name] ?? [], output.columns)
        outputs.push(output)
      }
      const { report } = node.definition
      if (report)
        await withViews(database, draft, outputs, (tables) => report(tables, settings, context.context, inputs))
      await context.close()
      const result: StoredResult = {
        key,
        outputs,
        findings: secrets?.redact(context.findings) ?? context.findings,
        models: context.models,
        milliseconds: now() - started,
      }
      store.commit(draft, result, { again: again !== undefined })
      return result
    })
  } finally {
    store.discard(draft)
  }
}

/** Has a node compose its queries; what they read is there as long as `work` lasts. */
export async function runNode<Result>(
  node: CatalogueNode,
  inputs: Readonly<Record<string, Table>>,
  settings: Record<string, unknown>,
  services: StepServices & { readonly secrets?: Secrets },
  work: (queries: ReadonlyMap<string, Sql>, context: StepContext) => Promise<Result>,
): Promise<Result> {
  const context = new StepContext(node, services)
  try {
    return await work(outputQueries(node, await node.definition.run(inputs, settings, context.context)), context)
  } catch (error) {
    throw nodeFault(node, error, { secrets: services.secrets }) ?? error
  } finally {
    await context.close()
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

function requirePromised(
  node: CatalogueNode,
  output: string,
  promised: readonly Column[],
  actual: readonly Column[],
): void {
  if (sameColumns(promised, actual)) return
  const words = (columns: readonly Column[]) => columns.map(({ name, type }) => `${name} ${type}`).join(', ')
  throw new PolkuError('OUTPUT_MISMATCH', {
    node: node.name,
    output,
    promised: words(promised),
    actual: words(actual),
  })
}

/** Whether the models that a stored result made are still there; without them it is no longer whole. */
const hasModels = (result: StoredResult, registry: ModelRegistry): boolean =>
  result.models.every((reference) => {
    const [name = '', version] = reference.split('@')
    return registry.versions(name).includes(Number(version))
  })
