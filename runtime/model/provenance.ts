import { readFileSync } from 'node:fs'
import { PolkuError } from '../errors/errors.ts'
import { type Evidence, evidenceFile, evidenceHash, hashOf } from './approval.ts'
import type { StoredModel } from './registry.ts'

/** Where a report or a model comes from: the notebook, the data and the models that it speaks of. */
export interface Provenance {
  /** The models it trained or used; undefined where it does not tell. */
  readonly models?: readonly { readonly reference: string; readonly hash?: string }[]
  readonly evidence: readonly Evidence[]
}

/** What a model's card says of where it was made; publishing from a notebook writes it there. */
function cardProvenance({ card }: Pick<StoredModel, 'card'>): Provenance {
  const { notebook, data } = (card.provenance ?? {}) as Record<string, unknown> // every part is looked at below
  const files: [Evidence['kind'], unknown][] = [
    ['notebook', notebook],
    ...(Array.isArray(data) ? data : []).map((one: unknown): [Evidence['kind'], unknown] => ['data', one]),
  ]
  return { evidence: files.flatMap(([kind, file]) => asEvidence(kind, file) ?? []) }
}

/** `{path, hash}` of unproven JSON as evidence; undefined for anything else. */
function asEvidence(kind: Evidence['kind'], file: unknown): Evidence | undefined {
  const { path, hash } = (file ?? {}) as { path?: unknown; hash?: unknown } // looked at in this line and the next
  return typeof path === 'string' && typeof hash === 'string' && hash.length >= 16 ? { kind, path, hash } : undefined
}

/**
 * The evidence an approval of `model` rests on: the report, and the notebook and data it or the model's card names.
 * Throws REPORT_UNRELATED where the report is of something else or nothing says what the model was made from,
 * EVIDENCE_CHANGED where a file is no longer what the report was made from.
 * @param report path and hash of the report. @param origin what the report itself says of its origin.
 */
export function approvalEvidence(
  root: string,
  model: StoredModel,
  report: Omit<Evidence, 'kind'>,
  origin: Provenance | undefined,
): Evidence[] {
  const reference = `${model.name}@${model.version}`
  const unrelated = (reason: string) =>
    new PolkuError('REPORT_UNRELATED', { report: report.path, model: reference, actual: report.path, reason })
  // It may have used the model as churn@draft.
  const speaks = origin?.models?.some((one) =>
    one.hash === undefined
      ? one.reference === reference
      : one.hash === model.hash && one.reference.startsWith(`${model.name}@`),
  )
  if (origin?.models && !speaks)
    throw unrelated(
      origin.models.length === 0
        ? 'it speaks of no model'
        : `it speaks of ${origin.models.map((one) => one.reference).join(', ')}`,
    )
  const files = new Map<string, Evidence>()
  for (const file of [...(origin?.evidence ?? []), ...cardProvenance(model).evidence])
    if (!files.has(file.path)) files.set(file.path, current(root, file, report.path))
  if (files.size === 0) throw unrelated('neither it nor the model’s card says what data the model was made from')
  return [{ kind: 'report', ...report }, ...files.values()]
}

/** The file as it is now, proven to be the one that was named. */
function current(root: string, { kind, path, hash }: Evidence, report: string): Evidence {
  const file = evidenceFile(root, path)
  const now = evidenceHash(file)
  const changed = (change: string) => new PolkuError('EVIDENCE_CHANGED', { kind, path, report, actual: path, change })
  if (now === undefined) throw changed('gone')
  // A report may name a notebook by its cells or by its bytes, and shorten the hash.
  const same = now.startsWith(hash) || (kind === 'notebook' && hashOf(file).startsWith(hash))
  if (!same) throw changed('changed')
  return { kind, path, hash: now }
}

/** What a notebook's run leaves in `metadata.polku`, and its report in the element `polku-provenance`. */
interface RawProvenance {
  readonly notebook?: unknown
  readonly tables?: unknown
  readonly models?: unknown
}

/** What an executed notebook or its HTML report says of its origin; undefined where it says nothing. */
export function notebookProvenance(report: string): Provenance | undefined {
  const raw = report.endsWith('.ipynb') ? ofNotebook(report) : ofPage(report)
  if (raw === null || typeof raw !== 'object') return undefined
  const { notebook, tables, models } = raw as RawProvenance // every part is looked at below
  const data = Array.isArray(tables) ? tables.flatMap((table: unknown) => asEvidence('data', table) ?? []) : []
  const evidence: Evidence[] = [asEvidence('notebook', notebook), ...data].filter((one) => one !== undefined)
  return { models: Array.isArray(models) ? models.flatMap(modelOf) : undefined, evidence }
}

function ofNotebook(path: string): unknown {
  const notebook = parse(readFileSync(path, 'utf8')) as { metadata?: { polku?: unknown } } | undefined // each part may be absent
  return notebook?.metadata?.polku
}

const element = /<script\b(?=[^>]*\btype="application\/json")(?=[^>]*\bid="polku-provenance")[^>]*>([\s\S]*?)<\/script>/

function ofPage(path: string): unknown {
  const text = element.exec(readFileSync(path, 'utf8'))?.[1]
  return text === undefined ? undefined : parse(text)
}

/** What is no JSON says nothing. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function modelOf(model: unknown): { reference: string; hash?: string }[] {
  const { reference, hash } = (model ?? {}) as { reference?: unknown; hash?: unknown } // looked at in the next line
  if (typeof reference !== 'string') return []
  return [{ reference, hash: typeof hash === 'string' ? hash : undefined }]
}
