import ts from 'typescript'
import type { Content } from '../../wire.ts'

// Unterminated string, template and regular expression; `*/ expected`.
const unterminated = new Set([1160, 1010])

/** Whether code can be run as it is, goes on in the next line, or is wrong: the content of an is_complete_reply. */
export function completeness(code: string): Content {
  const file = ts.createSourceFile('cell.ts', code, ts.ScriptTarget.ESNext)
  // Not in the public types, but how the parser reports without a program.
  const { parseDiagnostics = [] } = file as unknown as { parseDiagnostics?: readonly ts.DiagnosticWithLocation[] }
  const end = code.trimEnd().length
  const [first] = parseDiagnostics
  if (!first) return { status: 'complete' }
  const goesOn = parseDiagnostics.some(({ code: number, start }) => start >= end || unterminated.has(number))
  if (!goesOn || (first.start < end && !unterminated.has(first.code))) return { status: 'invalid' }
  const depth = (code.match(/[{([]/g)?.length ?? 0) - (code.match(/[})\]]/g)?.length ?? 0)
  return { status: 'incomplete', indent: '  '.repeat(Math.max(depth, 0)) }
}
