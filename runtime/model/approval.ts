import { createHash } from 'node:crypto'
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { canonical, hashText } from '../data/files.ts'

/** A file that an approval rests on, as it was then. */
export interface Evidence {
  readonly kind: 'report' | 'notebook' | 'data'
  /** Relative to the workspace; absolute where it lies outside. */
  readonly path: string
  readonly hash: string
}

export interface Approval {
  readonly version: number
  readonly stage: 'approved'
  readonly by: string
  readonly note?: string
  readonly at: string
  /** The hash of the model, and the files it was judged by; one of them is the report. */
  readonly model: string
  readonly evidence: readonly Evidence[]
}

export interface Retirement {
  readonly version: number
  readonly stage: 'retired'
  readonly by: string
  readonly note?: string
  readonly at: string
}

/** The path as evidence names it, so that it means the same file when the workspace has moved. */
export const evidencePath = (root: string, path: string): string =>
  path.startsWith(root + sep) ? relative(root, path) : path

export const evidenceFile = (root: string, path: string): string => (isAbsolute(path) ? path : join(root, path))

/**
 * The hash by which a piece of evidence is known again: of a notebook's cells without their outputs, so that looking at
 * it again is no change; of any other file's bytes. Undefined where the file is gone.
 */
export function evidenceHash(path: string, hashBytes: (path: string) => string = hashOf): string | undefined {
  try {
    return path.endsWith('.ipynb') ? notebookHash(readFileSync(path, 'utf8')) : hashBytes(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && /^(ENOENT|ENOTDIR|EISDIR)$/.test(String(error.code)))
      return undefined
    throw error
  }
}

const injected = 'injected-parameters'

/** Hash of what a notebook says and does: its cells' kinds, texts and tags, without outputs, counts and injected values. */
export function notebookHash(text: string): string {
  let notebook: { cells?: unknown }
  try {
    notebook = JSON.parse(text)
  } catch {
    return hashText(text) // whatever it is now, it is not the notebook that was approved
  }
  const cells = Array.isArray(notebook?.cells) ? notebook.cells.map(cellText) : []
  return hashText(canonical(cells.filter(({ tags }) => !tags.includes(injected))))
}

function cellText(cell: unknown): { kind: string; source: string; tags: readonly string[] } {
  const { cell_type: kind, source, metadata } = (cell ?? {}) as Record<string, unknown> // every part is looked at below
  const tags = (metadata as { tags?: unknown } | undefined)?.tags
  return {
    kind: String(kind),
    source: Array.isArray(source) ? source.join('') : String(source ?? ''),
    tags: Array.isArray(tags) ? tags.map(String) : [],
  }
}

/** SHA-256 of a file's bytes, hexadecimal, piece by piece. */
export function hashOf(path: string): string {
  const hash = createHash('sha256')
  const piece = Buffer.allocUnsafe(1 << 20)
  const file = openSync(path, 'r')
  try {
    for (;;) {
      const length = readSync(file, piece)
      if (length === 0) return hash.digest('hex')
      hash.update(piece.subarray(0, length))
    }
  } finally {
    closeSync(file)
  }
}

/** Why an approval no longer holds, in words; none where all is as it was. */
export function lapses(
  approval: Partial<Approval>,
  model: string | undefined,
  models: string,
  hashBytes: (path: string) => string,
): string[] {
  const { evidence } = approval
  if (!Array.isArray(evidence) || !evidence.some(({ kind }) => kind === 'report')) return ['it names no report']
  const root = dirname(models)
  const changed = evidence.flatMap(({ kind, path, hash }) => {
    const now = evidenceHash(evidenceFile(root, path), hashBytes)
    if (now === hash) return []
    return [`${kind === 'data' ? 'the data' : `the ${kind}`} ${path} ${now === undefined ? 'is gone' : 'changed'}`]
  })
  return approval.model === model ? changed : ['the model changed', ...changed]
}
