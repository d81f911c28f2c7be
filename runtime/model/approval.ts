import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { canonical, hashText } from '../data/hash.ts'
import { PolkuError } from '../errors/errors.ts'

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

/** How evidence is looked at: by which hash of a file's bytes, and which files at all; the others count as gone. */
export interface EvidenceLook {
  readonly hashBytes: (file: string) => string
  readonly mayRead: (file: string) => boolean
}

/**
 * The hash by which a piece of evidence is known again: of a notebook's cells without their outputs, so that looking at
 * it again is no change; of any other file's bytes. Undefined where the file is gone, or is no regular one.
 */
export function evidenceHash(path: string, hashBytes: (path: string) => string = hashOf): string | undefined {
  try {
    return path.endsWith('.ipynb') ? notebookHash(opened(path, (file) => readFileSync(file, 'utf8'))) : hashBytes(path)
  } catch (error) {
    const code = error instanceof Error && 'code' in error && String(error.code)
    if (code && /^(ENOENT|ENOTDIR|EISDIR|ENXIO|FILE_UNREADABLE)$/.test(code)) return undefined
    throw error
  }
}

/** Reads a file. Throws FILE_UNREADABLE for what is no regular one: a device never ends, and a pipe waits for somebody. */
function opened<Read>(path: string, read: (file: number) => Read): Read {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    if (!fstatSync(file).isFile()) throw new PolkuError('FILE_UNREADABLE', { path, reason: 'it is not a regular file' })
    return read(file)
  } finally {
    closeSync(file)
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

/** SHA-256 of a file's bytes, hexadecimal, piece by piece. Throws FILE_UNREADABLE for what is no regular file. */
export const hashOf = (path: string): string =>
  opened(path, (file) => {
    const hash = createHash('sha256')
    const piece = Buffer.allocUnsafe(1 << 20)
    for (;;) {
      const length = readSync(file, piece)
      if (length === 0) return hash.digest('hex')
      hash.update(piece.subarray(0, length))
    }
  })

/** Why an approval no longer holds, in words; none where all is as it was. */
export function lapses(
  approval: Partial<Approval>,
  model: string | undefined,
  models: string,
  { hashBytes, mayRead }: EvidenceLook,
): string[] {
  const { evidence } = approval
  if (!Array.isArray(evidence) || !evidence.some(({ kind }) => kind === 'report')) return ['it names no report']
  const root = dirname(models)
  const changed = evidence.flatMap(({ kind, path, hash }) => {
    const file = evidenceFile(root, path)
    const now = mayRead(file) ? evidenceHash(file, hashBytes) : undefined
    if (now === hash) return []
    return [`${kind === 'data' ? 'the data' : `the ${kind}`} ${path} ${now === undefined ? 'is gone' : 'changed'}`]
  })
  return approval.model === model ? changed : ['the model changed', ...changed]
}
