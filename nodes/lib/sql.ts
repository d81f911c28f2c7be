import type { Sql, SqlValue, Table } from './table.ts'

type Piece = Sql | Table | SqlValue

const isSql = (piece: Piece): piece is Sql => typeof piece === 'object' && piece !== null && 'strings' in piece
const isTable = (piece: Piece): piece is Table => typeof piece === 'object' && piece !== null && 'relation' in piece

/** Text that is already SQL, with nothing bound. */
const verbatim = (text: string): Sql => ({ strings: [text], values: [] })

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** A column's or relation's name, quoted. Throws on a NUL character, which no SQL text can hold. */
export const id = (name: string): Sql => {
  if (name.includes('\0')) throw new Error('A name must not contain a NUL character.')
  return verbatim(quote(name))
}

/** An author's expression, in parentheses. Only for settings declared with `expression()`: the checker has proved those scalar. */
export const expr = (text: string): Sql => verbatim(`(${text}\n)`)

/** Fixed SQL words chosen by the code, such as `asc` or `desc`; never text from outside. */
export const keyword = (word: string): Sql => {
  if (!/^[a-zA-Z_ ]+$/.test(word)) throw new Error(`Not an SQL keyword: ${word}`)
  return verbatim(word)
}

/**
 * Where each template of `sql` that was used stands: the line of a stack. The pieces of one template are one object,
 * however often it is used, so that this costs once.
 */
export const templateSites = new Map<readonly string[], string>()

function noteSite(strings: readonly string[]): void {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 1
  const trace: { stack?: string } = {}
  Error.captureStackTrace(trace, sql)
  Error.stackTraceLimit = limit
  templateSites.set(strings, trace.stack?.split('\n').at(-1) ?? '')
}

/**
 * SQL with safe holes: another `sql` is spliced in, a table becomes its quoted name, every other
 * value is bound.
 */
export function sql(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Sql {
  if (!templateSites.has(strings)) noteSite(strings)
  const texts = [strings[0] ?? '']
  const values: SqlValue[] = []
  const append = (text: string) => {
    texts[texts.length - 1] += text
  }
  pieces.forEach((piece, index) => {
    if (isSql(piece)) {
      append(piece.strings[0] ?? '')
      piece.values.forEach((value, hole) => {
        values.push(value)
        texts.push(piece.strings[hole + 1] ?? '')
      })
    } else if (isTable(piece)) append(quote(piece.relation))
    else {
      values.push(piece)
      texts.push('')
    }
    append(strings[index + 1] ?? '')
  })
  return { strings: texts, values }
}

/** Joins pieces of SQL with `separator` (`, ` by default). */
export const join = (pieces: readonly Sql[], separator = ', '): Sql =>
  pieces.reduce((all, piece, index) => (index === 0 ? piece : sql`${all}${verbatim(separator)}${piece}`), verbatim(''))

/** Quoted names separated by commas. */
export const ids = (names: readonly string[]): Sql => join(names.map(id))

/** The text DuckDB prepares, holes as `$1…`, and the values to bind. */
export const render = ({ strings, values }: Sql): { text: string; values: readonly SqlValue[] } => ({
  text: strings.reduce((text, part, index) => (index === 0 ? part : `${text}$${index}${part}`), ''),
  values,
})
