import type { NodeDefinition } from '../../nodes/node.ts'
import { shapeFaults } from '../data/shape.ts'
import { PolkuError, type Position } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'
import { schemaAnnotations } from './annotations.ts'
import { positionOfKey, positionOfText } from './load-fault.ts'
import { ownNodesFolder } from './stack.ts'

/** What defineNode takes, and what it needs. */
const keys: Readonly<Record<keyof NodeDefinition, 'needed' | 'optional'>> = {
  title: 'needed',
  summary: 'needed',
  inputs: 'needed',
  params: 'needed',
  outputs: 'needed',
  metrics: 'optional',
  errors: 'optional',
  transient: 'optional',
  effect: 'optional',
  plan: 'optional',
  run: 'needed',
  report: 'optional',
}

/** Whether the value of a key is of its kind at all: a text, a function, or names with what they stand for. */
function hasKind(key: string, value: unknown): boolean {
  if (key === 'title' || key === 'summary') return typeof value === 'string'
  if (/^(run|plan|report)$/.test(key)) return typeof value === 'function'
  if (!/^(inputs|params|outputs|metrics|errors)$/.test(key)) return true
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return key !== 'params' || ('type' in value && value.type === 'object')
}

const right = 'A file whose default export is defineNode({ title, summary, inputs, params, outputs, run }).'

/**
 * The definition that a node's module exports, proved to be one. Throws NODE_INVALID for a key that defineNode does not
 * take, one that it lacks, and a setting over an input that the node does not have or with a default that it refuses.
 */
export function provenDefinition(node: string, file: string, exported: unknown): NodeDefinition {
  const invalid = (reason: string, expected: string, position: Position = { file }) =>
    new PolkuError('NODE_INVALID', { node, reason, right: expected }, position)
  const entries = typeof exported === 'object' && exported !== null ? exported : {}
  const names = Object.keys(keys)
  const unknown = Object.keys(entries).find((key) => !names.includes(key))
  if (unknown !== undefined)
    throw invalid(`defineNode takes no ${unknown}.`, nearest(unknown, names, 'key'), positionOfKey(file, unknown))
  const values: Readonly<Record<string, unknown>> = { ...entries }
  const missing = Object.entries(keys).flatMap(([key, need]) =>
    need === 'needed' && values[key] === undefined ? [key] : [],
  )
  if (missing.length > 0) throw invalid(`it has no ${missing.join(', ')}.`, right)
  const odd = Object.entries(entries).find(([key, value]) => value !== undefined && !hasKind(key, value))
  if (odd) throw invalid(`its ${odd[0]} is none.`, right, positionOfKey(file, odd[0]))
  const definition = exported as NodeDefinition // it has the keys of one; their types are the author's and the checker's
  const { inputs, params } = definition
  for (const { path, annotation } of schemaAnnotations(params)) {
    if (!('input' in annotation) || Object.hasOwn(inputs, annotation.input)) continue
    const { kind, input } = annotation
    const reason = `its setting ${path.join('.')} is ${kind === 'column' ? 'a column' : 'an expression'} of the input ${input}, which it does not have.`
    throw invalid(reason, nearest(input, Object.keys(inputs), 'input'), positionOfText(file, input))
  }
  // Those of Polku's own nodes are held by a test: compiling a schema takes long.
  const faults = ownNodesFolder(file) === undefined ? [] : defaultFaults(node, file, params)
  for (const { kind, path, expected } of faults)
    if (kind !== 'missing')
      throw invalid(
        `the default of its setting ${path.join('.')} is none of its values.`,
        expected,
        positionOfKey(file, String(path[0])),
      )
  return definition
}

/** What is wrong with the settings' defaults. Throws NODE_INVALID where the settings are no JSON Schema. */
function defaultFaults(node: string, file: string, params: NodeDefinition['params']) {
  try {
    return shapeFaults(params, {})
  } catch (error) {
    const reason = `its settings are no JSON Schema: ${error instanceof Error ? error.message : String(error)}`
    const expected = 'Settings made of Type, column, columns, expression and the like.'
    throw new PolkuError('NODE_INVALID', { node, reason, right: expected }, positionOfKey(file, 'params'), error)
  }
}
