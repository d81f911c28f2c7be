import { readFileSync } from 'node:fs'
import type { Evidence } from './approval.ts'
import { asEvidence, type Provenance } from './provenance.ts'

/** What a notebook's run leaves in `metadata.polku`, and its report in the element `polku-provenance`. */
interface Told {
  readonly notebook?: unknown
  readonly tables?: unknown
  readonly models?: unknown
}

/** What an executed notebook or its HTML report says of its origin; undefined where it says nothing. */
export function notebookProvenance(report: string): Provenance | undefined {
  const told = report.endsWith('.ipynb') ? ofNotebook(report) : ofPage(report)
  if (told === null || typeof told !== 'object') return undefined
  const { notebook, tables, models } = told as Told // every part is looked at below
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
