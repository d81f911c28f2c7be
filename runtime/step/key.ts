import type { DatasetStore } from '../data/datasets.ts'
import { canonical, type FileHashes, hashText } from '../data/hash.ts'
import type { Workspace } from '../data/workspace.ts'
import { PolkuError } from '../errors/errors.ts'
import type { ModelRegistry } from '../model/registry.ts'
import { type BoundStep, filesRead } from './bind.ts'
import { engineVersion } from './engine-version.ts'
import type { Secrets } from './secrets.ts'

/** Everything a step's result depends on. Two steps of equal ingredients have equal results. */
export interface Ingredients {
  readonly node: string
  readonly code: string
  readonly settings: Readonly<Record<string, unknown>>
  /** Content hash of each input table. */
  readonly inputs: Readonly<Record<string, string>>
  /** Content hash of each file, dataset, model and secret that settings name. */
  readonly sources: Readonly<Record<string, string>>
  readonly seed: number
  /** In which amounts of money are told. */
  readonly currency: string
  readonly engine: string
}

export interface KeyServices {
  readonly workspace: Workspace
  readonly hashes: FileHashes
  readonly datasets: DatasetStore
  readonly models: ModelRegistry
  /** Those that a flow may name; none outside of flows. */
  readonly secrets?: Secrets
  readonly now: () => number
}

/** Throws FILE_NOT_FOUND where a file to read has gone, MODEL_* and DATASET_* likewise. */
export async function ingredients(
  step: BoundStep,
  inputs: Readonly<Record<string, string>>,
  seed: number,
  services: KeyServices,
): Promise<Ingredients> {
  const { node, settings, named } = step
  const sources: Record<string, string> = {}
  const files = filesRead(step).map(({ value }) => ({ path: value, file: services.workspace.requireFile(value) }))
  for (const { path, file } of files) sources[`file ${path}`] = await services.hashes.hash(file, services.now())
  for (const { annotation, value } of named) {
    if (annotation.kind === 'dataset' && annotation.mode === 'read')
      sources[`dataset ${value}`] = services.datasets.version(value)
    if (annotation.kind === 'model') sources[`model ${value}`] = services.models.load(value).hash
  }
  for (const [name, fingerprint] of Object.entries(services.secrets?.fingerprints(step.secrets) ?? {}))
    sources[`secret ${name}`] = fingerprint
  for (const source of node.reads?.() ?? []) sources[source] ??= await sourceHash(source, services)
  return {
    node: node.name,
    code: node.code,
    settings,
    inputs,
    sources,
    seed,
    currency: services.workspace.currency,
    engine: engineVersion(),
  }
}

/** The content hash of what a source names; of what is not there, that it is not. */
async function sourceHash(source: string, { workspace, hashes, datasets, models, now }: KeyServices): Promise<string> {
  const [kind = '', ...words] = source.split(' ')
  const name = words.join(' ')
  if (kind === 'dataset') return datasets.version(name)
  try {
    if (kind === 'model') return models.load(name).hash
    return await hashes.hash(workspace.requireFile(name), now())
  } catch (error) {
    // The step itself will tell, if it does need it.
    if (error instanceof PolkuError) return error.code
    throw error
  }
}

export const stepKey = (used: Ingredients): string => hashText(canonical(used)).slice(0, 40)

/** What changed since an earlier run, in words; undefined where nothing did. */
export function difference(before: Ingredients, now: Ingredients): string | undefined {
  const changes: string[] = []
  if (before.node !== now.node) changes.push(`the node changed from ${before.node} to ${now.node}`)
  else if (before.code !== now.code) changes.push(`the code of ${now.node} changed`)
  changes.push(...changedKeys('setting', before.settings, now.settings, true))
  changes.push(...changedKeys('input', before.inputs, now.inputs, false))
  changes.push(...changedKeys('', before.sources, now.sources, false))
  if (before.seed !== now.seed) changes.push(`the seed changed from ${before.seed} to ${now.seed}`)
  if (before.currency !== now.currency)
    changes.push(`the currency changed from ${before.currency ?? 'euros'} to ${now.currency}`)
  if (before.engine !== now.engine) changes.push('Polku itself changed')
  return changes.length > 0 ? changes.join('; ') : undefined
}

function changedKeys(
  kind: string,
  before: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
  values: boolean,
): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])]
  return keys
    .filter((key) => canonical(before[key]) !== canonical(now[key]))
    .map((key) => `${kind} ${key} changed${values ? ` from ${short(before[key])} to ${short(now[key])}` : ''}`.trim())
}

const short = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80))
