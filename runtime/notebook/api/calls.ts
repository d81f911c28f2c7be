import type { Table as NodeTable } from '../../../nodes/node.ts'
import type { CatalogueNode } from '../../catalogue/catalogue.ts'
import type { StoredResult } from '../../data/artifacts.ts'
import { known, PolkuError, PolkuErrors } from '../../errors/errors.ts'
import { nearest } from '../../errors/nearest.ts'
import { type Ingredients, ingredients, stepKey } from '../../step/key.ts'
import { hasModels, perform } from '../../step/perform.ts'
import {
  columnFaults,
  type LabelledTable,
  missingFile,
  referenceFaults,
  resolveDates,
  resolvePaths,
  settingFaults,
} from '../../step/settings.ts'
import { typeOutputs } from '../../step/typing.ts'
import { noteSources } from '../sources.ts'
import type { SharedEngine } from './shared-engine.ts'
import type { StoredTable } from './stored-table.ts'

export interface NodeCall {
  readonly node: CatalogueNode
  readonly inputs: Readonly<Record<string, StoredTable>>
  /** As given: without defaults. They are not changed. */
  readonly settings: Readonly<Record<string, unknown>>
  /** ISO date. */
  readonly asOf: string
  readonly seed: number
  readonly signal?: AbortSignal
}

export interface Called {
  readonly result: StoredResult
  /** Whether it was done before, in a flow or in a notebook, and taken from the store. */
  readonly kept: boolean
  readonly ingredients: Ingredients
}

// A call lies in no file.
const nowhere = () => ({})

/**
 * Does a node's work on stored tables as a step of a flow would, with the same checks, key and store, so that
 * a flow takes what a notebook has done and the other way round. Throws PolkuErrors with every fault of the
 * settings and columns, and what the node itself throws.
 */
export async function callNode(call: NodeCall, engine: SharedEngine): Promise<Called> {
  const settings = await checkedSettings(call, engine)
  const { node, inputs, seed, signal = new AbortController().signal } = call
  const { parts } = engine.client
  const services = { ...parts, models: parts.registry, now: engine.now }
  const hashes = Object.fromEntries(Object.entries(inputs).map(([input, { hash }]) => [input, hash]))
  const made = await ingredients({ node, settings }, hashes, seed, services)
  noteSources(made.sources)
  const key = stepKey(made)
  const stored = node.definition.effect ? undefined : engine.store.find(key)
  const told = (result: StoredResult, kept: boolean): Called => {
    const models = result.models.map((reference) => [`model ${reference}`, parts.registry.load(reference).hash])
    noteSources(Object.fromEntries(models))
    return { result, kept, ingredients: made }
  }
  if (stored && hasModels(stored, parts.registry)) return told(stored, true)
  const promised = await typedOutputs(call, settings, engine)
  try {
    const result = await perform(
      { node, settings, inputs: nodeTables(inputs), promised, key },
      { ...parts, store: engine.store, seed, signal, now: engine.now, onProgress: () => {} },
    )
    return told(result, false)
  } catch (error) {
    throw stepFailed(known(error, engine.root), node)
  }
}

/** The settings with defaults filled and dates resolved. Throws PolkuErrors. */
async function checkedSettings({ node, inputs, settings: given, asOf }: NodeCall, engine: SharedEngine) {
  const { workspace, database, registry } = engine.client.parts
  const raw: Record<string, unknown> = structuredClone(given)
  const wrong = settingFaults(node, raw, nowhere)
  if (wrong.length > 0) throw new PolkuErrors(wrong)
  const settings = resolveDates(node, raw, asOf)
  const labelled = new Map<string, LabelledTable>()
  for (const [label, { relation, columns }] of Object.entries(inputs)) labelled.set(label, { relation, columns, label })
  const isWritten = (setting: string | number) => Object.hasOwn(given, setting)
  const faults = [
    ...referenceFaults(node, settings, workspace, (reference) => registry.load(reference), nowhere),
    ...(await columnFaults(node, settings, labelled, database, nowhere, isWritten)),
  ]
  if (faults.length > 0) throw new PolkuErrors(faults)
  return settings
}

/** The columns that each output will have, typed on empty tables as the checker of flows does. */
async function typedOutputs({ node, inputs, seed }: NodeCall, settings: Record<string, unknown>, engine: SharedEngine) {
  const { workspace, database, models, datasets } = engine.client.parts
  const empty: Record<string, NodeTable> = {}
  try {
    for (const [input, { columns }] of Object.entries(inputs)) {
      const relation = database.freshName(`plan ${input}`)
      await database.createEmpty(relation, columns)
      empty[input] = { relation, columns }
    }
    return await typeOutputs(node, empty, resolvePaths(node, settings, workspace), { database, models, datasets, seed })
  } catch (error) {
    // Where a node could not be typed because a file is not there, that is the fault to tell.
    throw (error instanceof PolkuError && missingFile(node, settings, workspace)?.error) || error
  } finally {
    for (const { relation } of Object.values(empty)) await database.drop('table', relation)
  }
}

const nodeTables = (inputs: NodeCall['inputs']): Record<string, NodeTable> =>
  Object.fromEntries(Object.entries(inputs).map(([input, { relation, columns }]) => [input, { relation, columns }]))

/** What a node threw without meaning to, as the fault of a step. */
function stepFailed(error: unknown, node: CatalogueNode): unknown {
  if (!(error instanceof Error) || error instanceof PolkuError) return error
  const right = `What ${node.name} asks of its inputs; see \`polku nodes ${node.name}\`.`
  return new PolkuError('STEP_FAILED', { reason: error.message.split('\n')[0], right }, {}, error)
}

/** Throws INPUT_NOT_TAKEN, INPUT_UNKNOWN and INPUT_MISSING where the names given are not the node's inputs. */
export function checkInputNames({ name, definition }: CatalogueNode, given: readonly string[]): void {
  const inputs = Object.keys(definition.inputs)
  if (given.length > 0 && inputs.length === 0) throw new PolkuError('INPUT_NOT_TAKEN', { node: name })
  const unknown = given
    .filter((input) => !inputs.includes(input))
    .map((input) => {
      const values = { node: name, input, found: input, nearest: nearest(input, inputs, 'input') }
      return new PolkuError('INPUT_UNKNOWN', values)
    })
  if (unknown.length > 0) throw new PolkuErrors(unknown)
  const missing = Object.entries(definition.inputs)
    .filter(([input, { optional }]) => !optional && !given.includes(input))
    .map(([input, { description }]) => {
      return new PolkuError('INPUT_MISSING', { node: name, input, right: `{ ${input}: TABLE } (${description})` })
    })
  if (missing.length > 0) throw new PolkuErrors(missing)
}
