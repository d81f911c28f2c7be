import type { Table as NodeTable } from '../../../nodes/node.ts'
import type { CatalogueNode } from '../../catalogue/catalogue.ts'
import type { StoredResult } from '../../data/artifacts.ts'
import { asPolkuError, PolkuError, PolkuErrors } from '../../errors/errors.ts'
import { nearest } from '../../errors/nearest.ts'
import type { BoundStep, PositionOf } from '../../step/bind.ts'
import { checkStep, typeStep } from '../../step/check.ts'
import { executeStep, lookUpStep } from '../../step/execute.ts'
import { noteSources } from '../environment.ts'
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
  readonly cached: boolean
}

// A call lies in no file.
const nowhere: PositionOf = () => ({})

/**
 * Does a node's work on stored tables as a step of a flow would, with the same checks, key and store, so that
 * a flow takes what a notebook has done and the other way round. Throws PolkuErrors with every fault of the
 * settings and columns, and what the node itself throws.
 */
export async function callNode(call: NodeCall, shared: SharedEngine): Promise<Called> {
  const step = await checkedStep(call, shared)
  const { node, inputs, seed, signal = new AbortController().signal } = call
  const { workspace, database, datasets, registry, models, hashes: files } = shared.engine
  const { store, now } = shared
  const hashes = Object.fromEntries(Object.entries(inputs).map(([input, { hash }]) => [input, hash]))
  const lookup = await lookUpStep(step, hashes, seed, {
    ...{ workspace, hashes: files, datasets, models: registry },
    ...{ store, now },
  })
  noteSources(lookup.ingredients.sources)
  const promised = lookup.stored ? {} : await typedOutputs(call, step, shared)
  const result = await executeStep(lookup, () => ({ inputs: nodeTables(inputs), promised }), {
    ...{ workspace, database, datasets, models, store, signal, now, onProgress: () => {} },
  }).catch((error: unknown) => {
    throw stepFailed(asPolkuError(error, shared.root), node)
  })
  const published = result.models.map((reference) => [`model ${reference}`, registry.load(reference).hash])
  noteSources(Object.fromEntries(published))
  return { result, cached: lookup.stored !== undefined }
}

/** Throws PolkuErrors. */
async function checkedStep(call: NodeCall, { engine }: SharedEngine): Promise<BoundStep> {
  const { workspace, database, registry } = engine
  const labelled = Object.entries(call.inputs).map(
    ([label, { relation, columns }]) => [label, { relation, columns, label }] as const,
  )
  const resolveModel = (reference: string) => registry.load(reference)
  const services = { workspace, database, resolveModel }
  const { step, faults } = await checkStep({ ...call, position: nowhere }, new Map(labelled), services)
  if (faults.length > 0) throw new PolkuErrors(faults)
  return step
}

/** The columns that each output will have. */
async function typedOutputs({ inputs, seed }: NodeCall, step: BoundStep, { engine }: SharedEngine) {
  const { workspace, database, models, datasets } = engine
  const empty: Record<string, NodeTable> = {}
  try {
    for (const [input, { columns }] of Object.entries(inputs)) {
      const relation = database.freshName(`plan ${input}`)
      database.promiseEmpty(relation, columns)
      empty[input] = { relation, columns }
    }
    return await typeStep(step, empty, { workspace, database, models, datasets, seed }, nowhere)
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

/** Throws INPUT_NOT_TAKEN, INPUT_UNKNOWN and INPUT_MISSING where `names` are not the node's inputs. */
export function checkInputNames({ name, definition }: CatalogueNode, names: readonly string[]): void {
  const inputs = Object.keys(definition.inputs)
  if (names.length > 0 && inputs.length === 0) throw new PolkuError('INPUT_NOT_TAKEN', { node: name })
  const unknown = names
    .filter((input) => !inputs.includes(input))
    .map((input) => {
      const values = { node: name, input, actual: input, nearest: nearest(input, inputs, 'input') }
      return new PolkuError('INPUT_UNKNOWN', values)
    })
  if (unknown.length > 0) throw new PolkuErrors(unknown)
  const missing = Object.entries(definition.inputs)
    .filter(([input, { optional }]) => !optional && !names.includes(input))
    .map(([input, { description }]) => {
      return new PolkuError('INPUT_MISSING', { node: name, input, right: `{ ${input}: TABLE } (${description})` })
    })
  if (missing.length > 0) throw new PolkuErrors(missing)
}
