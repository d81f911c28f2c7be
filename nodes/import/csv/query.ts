import { exactly } from '../../lib/file-name.ts'
import { id, join, sql } from '../../lib/sql.ts'
import type { Sql } from '../../node.ts'
import type { Dialect } from './dialect.ts'
import type { Form } from './forms.ts'
import type { Layout, LayoutColumn } from './layout.ts'

/** Types of the outputs, as a query that reads nothing. */
export const typedNothing = ({ columns }: Layout): Sql =>
  sql`select ${join(columns.map(({ name, form }) => sql`null::${type(form)} as ${id(name)}`))} limit 0`

export const rejectedNothing = sql`select null::bigint as line, null::varchar as reason, null::varchar as text limit 0`

const type = (form: Form): Sql => ({ strings: [form.type], values: [] })

const fieldNames = (fields: number): string[] => Array.from({ length: fields }, (_, field) => `c${field + 1}`)

// No text has it: a whole line is one field.
const noDelimiter = '\u0001'

/** The fields of a file as they stand, all text, empty ones NULL. DuckDB throws at whatever is not strictly right. */
export const rawRows = (
  path: string,
  { fields, firstLine, dialect }: Pick<Layout, 'fields' | 'firstLine' | 'dialect'>,
): Sql => readCsv(path, fieldNames(fields), dialect, firstLine - 1)

// What `clean` writes.
const ours: Dialect = { delimiter: ',', quote: '"', escape: 'doubled', newline: 10, pairs: false }

/** The records of a file that `clean` wrote: each value quoted, the line of the file before them. */
export const cleanRows = (path: string, fields: number): Sql =>
  readCsv(path, ['line', ...fieldNames(fields)], ours, 0, 16_000_000)

function readCsv(path: string, names: readonly string[], dialect: Dialect, skip: number, longestLine = 2_000_000): Sql {
  const columns = join(names.map((name) => sql`${id(name)}: 'VARCHAR'`))
  const { delimiter, quote, newline, pairs } = dialect
  // Left to itself DuckDB takes a carriage return inside a value for the end of a line.
  const lineEnd = newline === 13 ? '\\r' : pairs ? '\\r\\n' : '\\n'
  return sql`read_csv(${exactly(path)}, auto_detect = false, header = false, skip = ${skip}, columns = {${columns}},
    delim = ${delimiter === '' ? noDelimiter : delimiter}, quote = ${quote},
    escape = ${dialect.escape === 'backslash' ? '\\' : quote}, nullstr = '', new_line = ${lineEnd},
    max_line_size = ${longestLine})`
}

// Blanks in the widest sense, around numbers and dates.
const blanks = ' \t\u00a0\u202f\u2009\r\n'

const without = (text: Sql, words: readonly string[]): Sql =>
  words.reduce((left, word) => sql`nullif(${left}, ${word})`, text)

/** A column of a record as it stands. */
const rawOf = ({ field, span }: LayoutColumn): Sql => {
  const stored = id(`c${field + 1}`)
  return span ? sql`nullif(substring(${stored}, ${span.start}, ${span.width}), '')` : stored
}

/** The text of a column; NULL where it is missing. */
function textOf(column: LayoutColumn, trim: boolean): Sql {
  const { nulls, form } = column
  const raw = rawOf(column)
  if (form.type !== 'VARCHAR') return without(sql`trim(${raw}, ${blanks})`, ['', ...nulls])
  // Most texts have no blank at their ends, and LIKE sees that sooner than trim does.
  const trimmed = sql`case when ${raw} like ' %' or ${raw} like '% ' then nullif(trim(${raw}), '') else ${raw} end`
  return without(trim ? trimmed : raw, nulls)
}

/** The value of a column, and `otherwise` where it is written in another form than it should be. */
function typedValue(column: LayoutColumn, trim: boolean, otherwise: Sql): Sql {
  const { form } = column
  const text = textOf(column, trim)
  if (form.type === 'VARCHAR') return text
  const t = id('t')
  // As a list's only element the text is worked out once, and only for the rows that come here.
  return sql`list_transform([${text}], lambda t: case when ${t} is null then null ${usual(form, t)}
    when regexp_full_match(${t}, ${form.pattern}) then coalesce(${form.cast(t)}, ${otherwise}) else ${otherwise} end)[1]`
}

const usual = (form: Form, text: Sql): Sql =>
  form.canonical ? sql`when ${form.canonical(text)} then ${(form.quick ?? form.cast)(text)}` : sql``

/** The value of a column; throws where it does not fit. */
function strictValue(column: LayoutColumn, trim: boolean): Sql {
  const { form, nulls } = column
  const misfit = sql`error('misfit')`
  const value = typedValue(column, trim, misfit)
  if (form.type === 'VARCHAR' || column.span) return value
  const raw = rawOf(column)
  const listed = join(nulls.map((word) => sql`${word}`))
  const missing = nulls.length === 0 ? sql`` : sql`when ${raw} in (${listed}) then null`
  const matching = sql`when regexp_full_match(${raw}, ${form.pattern}) then coalesce(${form.cast(raw)}, ${misfit})`
  return sql`case ${missing} ${form.canonical ? usual(form, raw) : matching}
    when ${raw} is null then null else ${value} end`
}

/** Where the last column of fixed width begins: a shorter line lacks columns. */
const lastStart = (columns: readonly LayoutColumn[]): number =>
  Math.max(0, ...columns.map(({ span }) => span?.start ?? 0))

/** All rows of a file in its order; throws at the first that does not fit. */
export const strictRows = (raw: Sql, { columns, fields }: Layout, trim: boolean): Sql => {
  const start = lastStart(columns)
  const values = columns.map((column) => sql`${strictValue(column, trim)} as ${id(column.name)}`)
  // Where a record is one field, a blank line looks like a missing value.
  const filter = fields > 1 ? sql`` : sql` where trim(c1) <> ''`
  const whole = start === 0 ? sql`` : sql` and case when length(c1) < ${start} then error('misfit') else true end`
  return sql`select ${join(values)} from ${raw}${filter}${whole}`
}

/** For every record the reasons why it does not fit, as a list of texts in which NULL means that it does. */
function reasons({ columns }: Layout, trim: boolean): Sql[] {
  const start = lastStart(columns)
  const short =
    start === 0
      ? []
      : [
          sql`case when length(c1) < ${start} then 'the line ends before its last column, which begins at character ' || ${String(start)} end`,
        ]
  const misfits = columns
    .filter(({ form }) => form.type !== 'VARCHAR')
    .map((column) => {
      const text = textOf(column, trim)
      // The mark that ends the value in the reason must not be in it: findings are told without values.
      const excerpt = sql`replace(case when length(${text}) > 60 then ${text}[:60] || '…' else ${text} end, '”', '"')`
      const reason = sql`${`${column.name} is “`} || ${excerpt} || ${`”, not ${column.form.expected}`}`
      return sql`case when ${text} is not null and ${typedValue(column, trim, sql`null`)} is null then ${reason} end`
    })
  return [...short, ...misfits]
}

const nothingWrong = (layout: Layout, trim: boolean): Sql => {
  const all = reasons(layout, trim)
  return all.length === 0 ? sql`true` : sql`coalesce(${join(all)}, null) is null`
}

/** The rows of a clean file that fit. */
export const fittingRows = (clean: Sql, layout: Layout, trim: boolean): Sql => {
  const values = layout.columns.map((column) => sql`${typedValue(column, trim, sql`null`)} as ${id(column.name)}`)
  return sql`select ${join(values)} from ${clean} where ${nothingWrong(layout, trim)}`
}

/** The records of a clean file that do not fit: line, reason, text. */
export const misfits = (clean: Sql, layout: Layout, trim: boolean): Sql => {
  const { delimiter } = layout.dialect
  const needsQuotes = `["\\r\\n]|${delimiter === '' ? '$^' : `[${delimiter === '\\' || delimiter === ']' || delimiter === '^' ? `\\${delimiter}` : delimiter}]`}`
  const quoted = (field: Sql) =>
    sql`case when regexp_matches(${field}, ${needsQuotes}) then '"' || replace(${field}, '"', '""') || '"' else coalesce(${field}, '') end`
  const fields = fieldNames(layout.fields).map(id)
  const text = layout.fields === 1 ? sql`c1` : sql`concat_ws(${delimiter}, ${join(fields.map(quoted))})`
  const all = reasons(layout, trim)
  const reason = all.length === 0 ? sql`null::varchar` : sql`concat_ws('; ', ${join(all)})`
  return sql`select cast(line as bigint) as line, ${reason} as reason, ${text} as text
    from ${clean} where not (${nothingWrong(layout, trim)})`
}

/** What `clean` refused: line, reason, text. */
export const refused = (path: string): Sql => sql`
  select cast(line as bigint) as line, reason, text
  from ${readCsv(path, ['line', 'reason', 'text'], ours, 0, 16_000_000)}`
