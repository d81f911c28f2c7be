import { type Html, trusted } from '../../html/html.ts'

// Tables of outputs in the look of the report. They come sanitised: well-formed, without classes.

const numeric = /^\s*[-−+]?(?:\d[\d\s.,\u00a0\u202f]*)?\d(?:e[-+]?\d+)?\s*(?:%|\p{Sc}|kr|zł|Kč|[A-Z]{3})?\s*$/iu
const empty = /^\s*(?:–|-|nan|null|none)?\s*$/i

const plain = (cell: string): string => cell.replace(/<[^>]*>/g, '').replace(/&nbsp;/g, ' ')

/** `<th>` and `<td>` of a row, each with its text. */
const cells = (row: string): RegExpExecArray[] => [...row.matchAll(/<(t[hd])((?: [a-z]+="[^"]*")*)>([\s\S]*?)<\/\1>/g)]

/** Which columns hold numbers and nothing else; none where cells span columns or rows. */
const numberColumns = (rows: readonly string[]): Set<number> => {
  if (rows.some((row) => /(?:col|row)span=/.test(row))) return new Set()
  const columns = new Map<number, boolean>()
  for (const row of rows)
    for (const [index, [, tag, attributes = '', content = '']] of cells(row).entries()) {
      if (tag !== 'td' || (empty.test(plain(content)) && !attributes.includes('align='))) continue
      // Whoever made the table may know better: a telephone number is no number.
      const number = / align="(?:left|center)"/.test(attributes) ? false : numeric.test(plain(content))
      columns.set(index, (columns.get(index) ?? true) && (number || / align="right"/.test(attributes)))
    }
  return new Set([...columns].filter(([, numbers]) => numbers).map(([index]) => index))
}

/** The row with its cells of `columns` marked; in a table's head its names only. */
const marked = (row: string, columns: ReadonlySet<number>, head: boolean): string => {
  let index = -1
  return row.replace(/<(t[hd])(?=[ >])/g, (start, tag: string) => {
    index += 1
    return columns.has(index) && !(head && tag === 'td') ? `${start} class="number"` : start
  })
}

const rowPattern = /<tr>[\s\S]*?<\/tr>/g

const dressed = (table: string): string => {
  if (table.includes('<table', 1)) return table
  const start = Math.max(0, table.indexOf('<tbody'))
  const [head, body] = [table.slice(0, start), table.slice(start)]
  const columns = numberColumns(body.match(rowPattern) ?? [])
  if (columns.size === 0) return table
  return (
    head.replace(rowPattern, (row) => marked(row, columns, true)) +
    body.replace(rowPattern, (row) => marked(row, columns, false))
  )
}

/** The same markup, its tables in boxes that scroll and their numbers aligned. */
export const dressTables = ({ markup }: Html): Html =>
  trusted(
    markup
      .replace(/<table[\s\S]*?<\/table>/g, dressed)
      .replaceAll('<table', '<div class="table scroll" tabindex="0" role="region" aria-label="Table"><table')
      .replaceAll('</table>', '</table></div>'),
  )

export interface PlainTable {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const signs: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'", nbsp: ' ' }

const textOf = (cell: string): string =>
  plain(cell)
    .replace(/&(lt|gt|amp|quot|#39|nbsp);/g, (_, name: string) => signs[name] ?? '')
    .trim()

/** The texts of the tables of sanitised markup; none of those that hold another table. */
export const plainTables = ({ markup }: Html): PlainTable[] =>
  [...markup.matchAll(/<table[\s\S]*?<\/table>/g)].flatMap(([table]) => {
    if (table.includes('<table', 1)) return []
    const start = Math.max(0, table.indexOf('<tbody'))
    const read = (part: string) =>
      (part.match(rowPattern) ?? []).map((row) => cells(row).map((cell) => textOf(cell[3] ?? '')))
    const [head, body] = [read(table.slice(0, start)), read(table.slice(start))]
    return body.length === 0 ? [] : [{ columns: head[0] ?? [], rows: body }]
  })
