import { sql } from '../../lib/sql.ts'
import { counted } from '../../lib/words.ts'
import type { RunContext } from '../../node.ts'
import type { Layout, LayoutColumn } from './layout.ts'
import type { Outcome } from './read.ts'

const names: Readonly<Record<string, string>> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars' }

function dialectText({ dialect, whitespace, header, columns, compression }: Layout, { encoding }: Outcome): string {
  const fields = columns.some(({ span }) => span)
    ? 'columns of fixed width'
    : whitespace
      ? 'fields separated by blanks'
      : `fields separated by ${names[dialect.delimiter] ?? `“${dialect.delimiter}”`}`
  const quoting =
    dialect.quote === '' ? '' : `, quoted with ${dialect.quote}${dialect.escape === 'backslash' ? ' and \\' : ''}`
  const packed = compression === 'none' ? '' : `${compression}, `
  return `Read as ${packed}${encoding}, ${fields}${quoting}, ${header ? 'with' : 'without'} a header.`
}

const missingText = ({ nulls }: LayoutColumn): string => ['empty', ...nulls.map((word) => `“${word}”`)].join(', ')

function reportColumns({ columns, ignored }: Layout, context: RunContext): void {
  context.table({
    title: 'Columns',
    columns: ['column', 'type', 'read as', 'missing where'],
    rows: columns.map((column) => [column.name, column.form.type, column.form.label, missingText(column)]),
  })
  if (ignored.length > 0) context.note(`Left out, because columns does not name them: ${ignored.join(', ')}.`)
  const near = columns.flatMap(({ name, nearly }) => (nearly ? [`${name} (nearly always a ${nearly})`] : []))
  if (near.length > 0)
    context.note(`Read as text, because not all values are alike: ${near.join(', ')}. Say otherwise with types.`)
  for (const { name, doubt } of columns) if (doubt) context.warn(`${name}: ${doubt}.`)
}

async function reportRejected({ rejected, records }: Outcome, context: RunContext): Promise<void> {
  if (rejected.rows === 0) return
  const kinds = await context.rows(sql`
    select regexp_replace(reason, '“[^”]*”', '“…”', 'g') as kind, count(*) as n, min(line) as first
    from ${rejected} group by kind order by n desc, kind limit 50`)
  const [most] = kinds
  const share = counted(rejected.rows, 'record', 'records')
  context.warn(
    `${share} of ${counted(records, 'record', 'records')} could not be read and ${rejected.rows === 1 ? 'is' : 'are'} in the output rejected; most often: ${most?.kind} (first on line ${most?.first}).`,
  )
  context.table({
    title: 'Why records were rejected',
    columns: ['reason', 'records', 'first line'],
    rows: kinds.map(({ kind, n, first }) => [String(kind), Number(n), Number(first)]),
  })
}

/** Tells a person what was read and how, and all that may be wrong with it. */
export async function reportImport(layout: Layout, outcome: Outcome, context: RunContext): Promise<void> {
  const { rows, rejected, blankLines } = outcome
  context.metric({ name: 'rows', label: 'Rows', value: rows.rows, unit: 'count' })
  context.metric({ name: 'rejected', label: 'Rejected records', value: rejected.rows, unit: 'count' })
  await reportRejected(outcome, context)
  if (outcome.records === 0) context.warn(`${layout.file} has a header and no rows.`)
  if (layout.better !== undefined)
    context.warn(
      `Every record of ${layout.file} is one field; ${names[layout.better] ?? layout.better} would split it. Look at delimiter.`,
    )
  context.note(dialectText(layout, outcome))
  reportColumns(layout, context)
  if (blankLines > 0) context.note(`${counted(blankLines, 'blank line', 'blank lines')} passed over.`)
}
