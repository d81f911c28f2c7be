import ts from 'typescript'
import type { CellFault } from '../messages.ts'

/** Implicit any: a notebook need not annotate, nor can it mend a package without types. */
const isImplicitAny = (code: number): boolean => code >= 7000 && code < 7100

/** A fault of a cell's text, which begins at `start` of the checked file; places behind the text are its end. */
export function cellFault({ code, messageText, start: at = 0 }: ts.Diagnostic, text: string, start = 0): CellFault {
  const offset = Math.min(Math.max(at - start, 0), text.length)
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  const column = offset - (before.lastIndexOf('\n') + 1) + 1
  return { code, message: ts.flattenDiagnosticMessageText(messageText, '\n'), line, column }
}

/** The type errors of a file that stop its cell from running. */
export const typeErrors = (service: ts.LanguageService, file: string): ts.Diagnostic[] =>
  service
    .getSemanticDiagnostics(file)
    .filter(({ category, code }) => category === ts.DiagnosticCategory.Error && !isImplicitAny(code))
