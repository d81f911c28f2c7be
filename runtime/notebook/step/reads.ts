import { globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { namePattern } from '../../../nodes/node.ts'
import type { Workspace } from '../../data/workspace.ts'
import type { Notebook } from '../nbformat/cells.ts'

// What a notebook reads beside its inputs and parameters is part of its step's key, as far as it can be known without
// running it: what its cells name in words, and what its metadata declare.

const quoted = (pattern: string): string => `(['"\`])(${pattern})\\1`
const file = new RegExp(`\\bpath\\s*:\\s*${quoted('(?:(?!\\1)[^\\\\\\n$])+')}`, 'g')
const dataset = new RegExp(`\\bdataset\\s*:\\s*${quoted(namePattern)}`, 'g')
const model = new RegExp(quoted(`(?:model/)?${namePattern}@(?:[0-9]+|draft|approved)`), 'g')

/**
 * What a notebook reads now, as a step's sources name it: `file data/orders.csv`, `dataset contact-history`,
 * `model churn@approved`. @param declared paths and patterns of its metadata.
 */
export function readsOf({ cells }: Notebook, declared: readonly string[], { root }: Workspace): readonly string[] {
  const code = cells.flatMap((cell) => (cell.cell_type === 'code' ? [cell.source] : [])).join('\n')
  const named = (pattern: RegExp) => [...code.matchAll(pattern)].flatMap(([, , name]) => name ?? [])
  const matched = declared.flatMap((pattern) => globSync(pattern, { cwd: root, exclude: ['.polku/**'] }))
  const files = [...named(file), ...matched].filter((path) => isFileOf(root, path)).sort()
  const sources = [
    ...files.map((path) => `file ${path}`),
    ...named(dataset).map((name) => `dataset ${name}`),
    ...named(model).map((reference) => `model ${reference.replace('model/', '')}`),
  ]
  return [...new Set(sources)]
}

/** What is not there, or is no path of the workspace, the notebook itself will tell. */
const isFileOf = (root: string, path: string): boolean =>
  !/^\/|(^|\/)\.\.(\/|$)|[*?]|\[.*\//.test(path) &&
  (statSync(join(root, path), { throwIfNoEntry: false })?.isFile() ?? false)
