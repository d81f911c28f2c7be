import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from '../../examples/sahkoyhtio/generator/files.ts'
import type { Finding } from '../../nodes/node.ts'
import { projectRoot } from '../../runtime/data/installation.ts'
import { runNotebook } from '../../runtime/notebook/execute/execute.ts'
import type { Notebook } from '../../runtime/notebook/nbformat/cells.ts'
import { renderNotebook } from '../../runtime/notebook/render/render.ts'

/** A workspace for notebooks, removed by `close`. */
export interface Place {
  readonly root: string
  /** Runs one of Polku's own notebooks in it and gives it with its outputs, and its report. */
  run(
    name: string,
    params?: Readonly<Record<string, unknown>>,
    options?: { readonly kernel?: string; readonly checkTypes?: boolean },
  ): Promise<{ notebook: Notebook; report: string }>
  close(): void
}

const placeIn = (root: string): Place => ({
  root,
  run: async (name, params = {}, { kernel, checkTypes = true } = {}) => {
    const file = join(projectRoot, 'notebooks', `${name}.ipynb`)
    const env = { POLKU_WORKSPACE: root, ...(checkTypes ? {} : { POLKU_KERNEL_CHECK: 'off' }) }
    const notebook = await runNotebook(
      { file, out: join(root, `${name}.run.ipynb`), params, env, ...(kernel !== undefined && { kernel }) },
      {
        progress: { note: () => {}, cellStart: () => {}, cellEnd: () => {} },
        signal: new AbortController().signal,
        now: Date.now,
      },
    )
    return { notebook, report: renderNotebook(notebook, { file, hash: '' }) }
  },
  close: () => rmSync(root, { recursive: true, force: true }),
})

/** The example client with fewer customers. */
export function exampleClient(customers: number): Place {
  const root = mkdtempSync(join(tmpdir(), 'polku-notebooks-'))
  for (const part of ['client.yaml', 'flows', 'nodes'])
    cpSync(join(projectRoot, 'examples', 'sahkoyhtio', part), join(root, part), { recursive: true })
  generate({ out: join(root, 'data'), customers })
  return placeIn(root)
}

/** A client who has put `files` into data/. */
export function clientWith(files: readonly string[]): Place {
  const root = mkdtempSync(join(tmpdir(), 'polku-notebooks-'))
  writeFileSync(join(root, 'client.yaml'), 'client: trial\ntitle: Trial\n')
  mkdirSync(join(root, 'data'))
  for (const file of files) cpSync(file, join(root, 'data', file.replace(/^.*\//, '')))
  return placeIn(root)
}

/** The metrics of all findings that the notebook shows, by name; the last of a name counts. */
export function metricsOf({ cells }: Notebook): Record<string, number | null> {
  const outputs = cells.flatMap((cell) => (cell.cell_type === 'code' ? cell.outputs : []))
  const findings = outputs.flatMap((output) => {
    const data = 'data' in output ? (output.data as Record<string, unknown>) : {} // a MIME bundle, by the format
    const own = data['application/vnd.polku.findings+json'] as { findings: Finding[] } | undefined // Polku's own
    return own?.findings ?? []
  })
  return Object.fromEntries(
    findings.flatMap((finding) => (finding.kind === 'metric' ? [[finding.name, finding.value] as const] : [])),
  )
}

/** Words of western Europe in one byte each, a row that came apart, a key, a column that says nothing. */
export const delivery = [
  'key;name;since;market',
  ...Array.from(
    { length: 30 },
    (_, row) => `K${row + 100};${row % 2 ? 'Åsa' : 'Väinö'};2026-01-${String(row + 1).padStart(2, '0')};fi`,
  ),
  'K999;"Ol',
].join('\n')
