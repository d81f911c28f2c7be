import { readFileSync } from 'node:fs'
import { flowFile } from '../catalogue/flow-files.ts'
import { shapeFaults } from '../data/shape.ts'
import type { Workspace } from '../data/workspace.ts'
import { PolkuError, PolkuErrors } from '../errors/errors.ts'
import { type Flow, flowSchema } from './schema.ts'
import { parseSource, type Source } from './source.ts'

/** A flow as its file says it. */
export interface ReadFlow {
  readonly flow: Flow
  /** Where each part of it stands. */
  readonly source: Source
}

/** Reads a flow's text and checks its shape, no more. Throws PolkuErrors with every fault. */
export function readFlow(text: string, file: string): ReadFlow {
  let source: Source
  try {
    source = parseSource(text, file)
  } catch (error) {
    throw error instanceof PolkuError ? new PolkuErrors([error]) : error
  }
  return { flow: readShape(source), source }
}

export interface FlowOfFile extends ReadFlow {
  readonly file: string
}

/** Flows that were read, by file: a text that is still the same is not parsed again. */
const cache = new Map<string, FlowOfFile & { readonly text: string }>()

/** A client's flow as its file is now, its shape checked. Throws FLOW_NOT_FOUND, or PolkuErrors with the faults of its shape. */
export function readFlowFile(workspace: Workspace, name: string): FlowOfFile {
  const file = flowFile(workspace, name)
  const text = readFileSync(file, 'utf8')
  const cached = cache.get(file)
  if (cached?.text === text) return cached
  const read = { file, text, ...readFlow(text, workspace.relative(file)) }
  cache.set(file, read)
  return read
}

/** What stands at a path, in a few words. */
function described(data: unknown, path: readonly (string | number)[]): string {
  const value = path.reduce<unknown>((at, key) => (at as Record<string | number, unknown>)?.[key], data) // the path leads to the culprit
  if (value === null || value === undefined) return 'empty'
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'a group of keys'
  return JSON.stringify(value).slice(0, 100)
}

function readShape(source: Source): Flow {
  if (source.data === null || typeof source.data !== 'object' || Array.isArray(source.data))
    throw new PolkuErrors([
      new PolkuError(
        'FLOW_SHAPE',
        {
          reason: 'This file is not a flow.',
          actual: source.data === null ? 'nothing' : Array.isArray(source.data) ? 'a list' : `a ${typeof source.data}`,
          right: 'Keys flow: and steps:.',
        },
        source.position([]),
      ),
    ])
  const errors = shapeFaults(flowSchema, source.data).map(({ kind, path, expected }) => {
    const where = path.length > 1 ? path.slice(0, -1).join('.') : 'a flow'
    const key = String(path.at(-1) ?? '')
    if (kind === 'unknown')
      return new PolkuError(
        'FLOW_UNKNOWN_KEY',
        { key, where, actual: key, nearest: expected },
        source.position(path, 'key'),
      )
    if (kind === 'missing')
      return new PolkuError(
        'FLOW_SHAPE',
        { reason: `${where} has no ${key}.`, right: expected },
        source.position(path.slice(0, -1), 'key'),
      )
    const description = described(source.data, path)
    const reason = `${path.join('.') || 'The file'} is ${description}.`
    return new PolkuError('FLOW_SHAPE', { reason, actual: description, right: expected }, source.position(path))
  })
  if (errors.length > 0) throw new PolkuErrors(errors)
  return source.data as Flow // the schema has just been checked
}
