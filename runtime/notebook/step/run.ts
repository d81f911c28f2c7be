import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { id, join as joinSql, sql } from '../../../nodes/lib/sql.ts'
import type { Finding, RunContext, Sql, Table } from '../../../nodes/node.ts'
import { list } from '../../data/files.ts'
import { shapeFaults } from '../../data/shape.ts'
import type { Workspace } from '../../data/workspace.ts'
import { isSystemError } from '../../errors/system-error.ts'
import { findingsSchema } from '../../run/record.ts'
import { publishedModels } from '../environment.ts'
import { type CodeCell, firstLine, metadataPart, type Notebook } from '../nbformat/cells.ts'
import type { Declaration } from './declaration.ts'

/** A notebook as a step runs it. */
export interface NotebookStep {
  /** As a flow says it: `notebook/train-churn`. */
  readonly name: string
  readonly file: string
  readonly declaration: Declaration
  readonly workspace: Workspace
  /** Milliseconds since 1970. */
  readonly now: () => number
}

const typed = (columns: Readonly<Record<string, string>>): Sql =>
  joinSql(
    Object.entries(columns).map(([name, type]) => sql`cast(null as ${{ strings: [type], values: [] }}) as ${id(name)}`),
  )

/** The columns that the notebook's tables will have. */
export function planNotebook({ outputs }: Declaration): Record<string, Sql> {
  const queries = Object.entries(outputs).map(([name, { columns }]): [string, Sql] => [
    name,
    sql`select ${typed(columns)}`,
  ])
  return queries.length > 0
    ? Object.fromEntries(queries)
    : { cells: sql`select ${typed({ cell: 'INTEGER', first_line: 'VARCHAR', status: 'VARCHAR' })}` }
}

/**
 * Runs the notebook in a kernel of its own, which finds its input tables as Parquet files and leaves its outputs so.
 * The executed notebook and its report stay in `.polku/notebooks/`. What it published is part of the step's result.
 */
export async function runNotebookStep(
  step: NotebookStep,
  inputs: Readonly<Record<string, Table | undefined>>,
  settings: Readonly<Record<string, unknown>>,
  context: RunContext,
): Promise<Record<string, Sql>> {
  const { workspace, file, declaration, now } = step
  const out = context.files.temporary('-out')
  mkdirSync(out)
  const paths: Record<string, string> = {}
  for (const [name, table] of Object.entries(inputs)) {
    if (!table) continue
    paths[name] = context.files.temporary('.parquet')
    await context.files.writeParquet(sql`from ${table}`, paths[name])
  }
  const executed = executedPlace(step)
  const { runNotebook } = await import('../execute/execute.ts')
  const notebook = await runNotebook(
    {
      file,
      out: `${executed}.ipynb`,
      params: relativePaths(workspace, settings),
      env: {
        POLKU_WORKSPACE: workspace.root,
        POLKU_NOTEBOOK_FILE: file,
        POLKU_NOTEBOOK_INPUTS: JSON.stringify(paths),
        POLKU_NOTEBOOK_OUT: out,
      },
    },
    { progress: progressOf(context), signal: context.signal, now },
  )
  await report(`${executed}.html`, file, notebook)
  context.note(
    `The notebook as it ran: ${workspace.relative(executed)}.ipynb; its report: ${workspace.relative(executed)}.html`,
  )
  emitFindings(notebook, context)
  // The step's result is whole only while the models are there that it made.
  for (const reference of publishedModels(out)) {
    const { name, version: _, ...content } = await context.models.load(reference)
    const { kind, target, preprocessing, parameters, card } = content
    await context.models.publish(name, { kind, target, preprocessing, parameters, card })
  }
  return tables(out, declaration, notebook, context)
}

/** A new place without its ending, named by the time. */
function executedPlace({ name, workspace, now }: NotebookStep): string {
  const folder = workspace.internal('notebooks', basename(name))
  mkdirSync(folder, { recursive: true })
  const time = new Date(now()).toISOString().replaceAll(/\D/g, '')
  for (let serial = 0; ; serial++) {
    const path = join(folder, serial === 0 ? time : `${time}-${serial}`)
    try {
      writeFileSync(`${path}.ipynb`, '', { flag: 'wx' })
      return path
    } catch (error) {
      if (!isSystemError(error, 'EEXIST')) throw error
    }
  }
}

async function report(path: string, file: string, notebook: Notebook): Promise<void> {
  const [{ renderNotebook }, { packPlotly }, { hashFile }] = await Promise.all([
    import('../render/render.ts'),
    import('../../html/plotly.ts'),
    import('../../data/hash.ts'),
  ])
  await packPlotly()
  writeFileSync(path, renderNotebook(notebook, { file, hash: await hashFile(file) }))
}

/** Files go to a notebook as an author writes them: relative to the workspace. */
function relativePaths({ root }: Workspace, settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [
      name,
      typeof value === 'string' && value.startsWith(`${root}/`) ? relative(root, value) : value,
    ]),
  )
}

const progressOf = (context: RunContext) => ({
  note: (text: string) => context.note(text),
  cellStart: () => {},
  cellEnd: ({ number, total }: { number: number; total: number }) => context.progress(number / total),
})

async function tables(
  out: string,
  { outputs }: Declaration,
  notebook: Notebook,
  context: RunContext,
): Promise<Record<string, Sql>> {
  const names = Object.keys(outputs)
  const published = list(out).flatMap((file) => /^([a-z][a-z0-9_]*)\.parquet$/.exec(file)?.[1] ?? [])
  for (const name of published)
    if (!names.includes(name))
      context.warn(`The notebook published the table ${name}, which its metadata do not declare: no step can use it.`)
  if (names.length === 0) return { cells: await cellTable(notebook, context) }
  const queries: Record<string, Sql> = {}
  for (const name of names) {
    const path = join(out, `${name}.parquet`)
    if (!existsSync(path)) context.fail('notPublished', { actual: name })
    queries[name] = sql`from read_parquet(${path})`
  }
  return queries
}

async function cellTable({ cells }: Notebook, context: RunContext): Promise<Sql> {
  const ran = cells.filter((cell): cell is CodeCell => cell.cell_type === 'code' && cell.source.trim() !== '')
  const table = await context.write({
    cell: Int32Array.from(ran, (_, index) => index + 1),
    first_line: ran.map(({ source }) => firstLine(source)),
    status: ran.map(({ metadata }) => String(metadataPart(metadata, 'polku').status ?? '')),
  })
  return sql`from ${table}`
}

const mime = 'application/vnd.polku.findings+json'

/** Says in the step's name what the notebook's outputs have found: metrics, tables, figures, notes. */
function emitFindings({ cells }: Notebook, context: RunContext): void {
  for (const cell of cells)
    if (cell.cell_type === 'code')
      for (const output of cell.outputs)
        if ('data' in output && Object.hasOwn(output.data, mime)) emit(output.data[mime], context)
}

function emit(value: unknown, context: RunContext): void {
  if (value === null || typeof value !== 'object' || shapeFaults(findingsSchema, value).length > 0) {
    context.warn('An output of the notebook has findings that are none; they are left out here.')
    return
  }
  const { findings } = value as { findings: readonly Finding[] } // the schema has just been checked
  for (const finding of findings) {
    if (finding.kind === 'metric') context.metric(finding)
    else if (finding.kind === 'table') context.table(finding)
    else if (finding.kind === 'figure') context.figure(finding)
    else if (finding.level === 'warning') context.warn(finding.text)
    else context.note(finding.text)
  }
}
