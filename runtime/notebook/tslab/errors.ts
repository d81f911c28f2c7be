import { inspect } from 'node:util'

/** The content of Jupyter's `error` message. */
export interface CellError {
  readonly ename: string
  readonly evalue: string
  readonly traceback: readonly string[]
}

const sameText = (line: string): string => line.trim().replace(/;$/, '').replaceAll(/\s+/g, ' ')

/** A compiled line with what tslab put into it taken out again. */
const uncompiled = (line: string): string =>
  line
    .replace('exports.tsLastExpr = ', '')
    .replaceAll(/\(0, exports\.([\w$]+)\)/g, '$1')
    .replaceAll('exports.', '')

/** Where tslab's words for an error are more than the value that was thrown: its compiler's findings. */
const isFinding = (words: readonly unknown[]): words is [string, string, number, number, string] =>
  words[0] === '%s%d:%d - %s' && words.length === 5

/**
 * What tslab said of a failed cell, in the notebook's own lines.
 * @param said the arguments of each call of its `console.error`. @param compiled the JavaScript it ran.
 */
export function cellError(
  said: readonly (readonly unknown[])[],
  code: string,
  compiled: string,
  count: number,
): CellError {
  const findings = said.filter(isFinding)
  if (findings.length > 0) {
    const lines = code.split('\n')
    const traceback = findings.flatMap(([, file, line, column, text]) => {
      const excerpt =
        file.trim() === '' ? [`  ${lines[line - 1] ?? ''}`, `  ${' '.repeat(Math.max(0, column - 1))}^`] : []
      return [`${file.trim() || `cell ${count}`}:${line}:${column} - ${text}`, ...excerpt]
    })
    return { ename: 'TypeScriptError', evalue: String(findings[0]?.[4] ?? ''), traceback }
  }
  const [thrown] = said.at(-1) ?? []
  if (!(thrown instanceof Error || isErrorLike(thrown)))
    return { ename: 'Thrown', evalue: inspect(thrown), traceback: [`Thrown: ${inspect(thrown)}`] }
  const stack = (thrown.stack ?? `${thrown.name}: ${thrown.message}`).split('\n')
  // Node puts the compiled line before the stack of what a script throws.
  const begin = stack[0]?.startsWith('evalmachine.') ? stack.indexOf('') + 1 : 0
  // What follows belongs to tslab and Node.
  const end = stack.findIndex((line) => /tslab[/\\]dist|node:internal|node:vm/.test(line))
  const own = stack.slice(begin, end < 0 ? undefined : end)
  const traceback = own.flatMap((line) => inNotebook(line, code, compiled, count) ?? [])
  return { ename: thrown.name, evalue: thrown.message, traceback }
}

// What another realm throws is no instance of this one's Error.
const isErrorLike = (value: unknown): value is Error =>
  value !== null && typeof value === 'object' && 'message' in value && 'name' in value

const location = /evalmachine\.<anonymous>:(\d+):(\d+)/

/**
 * A line of a stack with the compiled place turned into the cell's, where the compiler left the text of the line as it
 * was; undefined where the place is only in what tslab puts around the cell.
 */
function inNotebook(line: string, code: string, compiled: string, count: number): string | undefined {
  const [pointer, row, column] = location.exec(line) ?? []
  if (pointer === undefined) return line
  const text = sameText(uncompiled(compiled.split('\n')[Number(row) - 1] ?? ''))
  if (text === '') return undefined
  const rows = code.split('\n').flatMap((one, index) => (sameText(one) === text ? [index + 1] : []))
  const [only] = rows
  const where =
    rows.length === 1 ? `cell ${count}:${only}:${column}` : `cell ${count}, compiled to: ${text.slice(0, 80)}`
  return line.replace(pointer, where)
}
