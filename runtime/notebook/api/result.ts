import { html } from '../../html/html.ts'
import type { Findings } from './findings.ts'
import { type MimeBundle, mimeSymbol } from './mime.ts'
import { Table } from './table.ts'
import { shortNumber } from './table-view.ts'

/** What every node gives beside its tables. */
export interface ResultParts {
  /** What the node has to say: metrics, tables, figures and notes. */
  readonly findings: Findings
  /** Whether it was done before, in a flow or in a notebook, and only taken from the store. */
  readonly cached: boolean
}

/** What a node gives: its tables by name, and its findings. */
export type NodeResult<Outputs extends Record<string, Table> = Record<string, Table>> = Readonly<Outputs> & ResultParts

/** What may be given as an input: a table, or a node's result, which stands for its first output as in a flow. */
export type GivenTable = Table | ResultParts

const firstTables = new WeakMap<object, Table>()

/** @internal Names that an output of a node cannot have here. */
export const reservedNames: readonly string[] = ['findings', 'cached'] satisfies (keyof ResultParts)[]

/** @internal @param name the node's. @param tables its outputs in order. */
export function nodeResult(name: string, tables: ReadonlyMap<string, Table>, rest: ResultParts): NodeResult {
  const mime = {
    value: (): MimeBundle => {
      const list = [...tables].map(([output, table]) => ({ output, rows: shortNumber(table.count()), table }))
      const findings = rest.findings[mimeSymbol]()
      const rows = list.map(
        ({ output, rows, table }) =>
          html`<tr><td align="left"><bdi>${output}</bdi></td><td align="right">${rows}</td><td align="right">${table.columns().length}</td></tr>`,
      )
      const head = html`<tr><th align="left">${name}</th><th align="right">rows</th><th align="right">columns</th></tr>`
      const text = list.map(({ output, rows, table }) => `${output}: ${rows} rows, ${table.columns().length} columns`)
      return {
        ...findings,
        'text/html': `${html`<table><thead>${head}</thead><tbody>${rows}</tbody></table>`.markup}\n${findings['text/html']}`,
        'text/plain': [name, ...text, String(findings['text/plain'])].join('\n'),
      }
    },
  }
  const result = Object.create(null, { [mimeSymbol]: mime })
  for (const [output, table] of tables) result[output] = table
  Object.assign(result, rest)
  const [first] = tables.values()
  if (first) firstTables.set(result, first)
  return result
}

/** @internal The table that a value stands for: itself, or the first output of a node's result; undefined for any other value. */
export const tableOf = (value: unknown): Table | undefined =>
  value instanceof Table ? value : typeof value === 'object' && value !== null ? firstTables.get(value) : undefined
