import type { ArtifactStore } from '../data/artifacts.ts'
import type { PlannedStep } from '../flow/plan.ts'
import { missingFile, requireFiles } from '../flow/settings.ts'
import { ingredients, type KeyServices, stepKey } from './key.ts'

/**
 * The columns of a step that reads nothing but files, where it read these very files before: a flow in which
 * nothing changed need not look into them again to be checked. Undefined where they are new, or hashing them
 * would take a pass over them.
 */
export async function rememberedOutputs(
  step: Pick<PlannedStep, 'node' | 'settings'>,
  seed: number,
  services: Omit<KeyServices, 'now'> & { readonly store: ArtifactStore },
): Promise<PlannedStep['outputs'] | undefined> {
  const { node, settings } = step
  if (missingFile(node, settings, services.workspace)) return undefined
  const files = requireFiles(node, settings, services.workspace)
  if (files.length === 0 || !files.every((file) => services.hashes.remembered(file))) return undefined
  // Nothing is hashed here, so no clock decides what may be remembered.
  const parts = await ingredients(step, {}, seed, { ...services, now: () => 0 })
  const stored = services.store.find(stepKey(parts))
  return stored && Object.fromEntries(stored.outputs.map(({ name, columns }) => [name, columns]))
}
