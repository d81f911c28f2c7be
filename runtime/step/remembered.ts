import { join } from 'node:path'
import type { ArtifactStore, StoredOutput } from '../data/artifacts.ts'
import { type BoundStep, ingredients, type KeyServices, stepKey } from './key.ts'
import { missingFile, requireFiles } from './settings.ts'

/**
 * What a step gave when it was done before on these very files and inputs (by content hash): a flow in which
 * nothing changed need not look into its files again to be checked. Undefined where something is new, or
 * hashing its files would take a pass over them.
 */
export async function rememberedOutputs(
  step: BoundStep,
  inputs: Readonly<Record<string, string>>,
  seed: number,
  services: Omit<KeyServices, 'now'> & { readonly store: ArtifactStore },
): Promise<readonly StoredOutput[] | undefined> {
  const { node, settings } = step
  if (missingFile(node, settings, services.workspace)) return undefined
  const read = (node.reads?.() ?? []).flatMap((source) => /^file (.+)$/.exec(source)?.[1] ?? [])
  const others = read.map((path) => join(services.workspace.root, path))
  const files = [...requireFiles(node, settings, services.workspace), ...others]
  if (!files.every((file) => services.hashes.remembered(file))) return undefined
  // Nothing is hashed here, so no clock decides what may be remembered.
  const parts = await ingredients(step, inputs, seed, { ...services, now: () => 0 })
  return services.store.find(stepKey(parts))?.outputs
}
