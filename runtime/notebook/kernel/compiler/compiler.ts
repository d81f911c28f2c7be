import ts from 'typescript'
import type { Content } from '../../wire.ts'
import type { CellFault, CodeRequest, Compiled } from '../messages.ts'
import { completeness, completions, inspection } from './assist.ts'
import { emitCell } from './emit.ts'
import { Language } from './language.ts'

/** Checks and translates the cells of one session. */
export class Compiler {
  readonly #language: Language
  /** The values that the session has, as earlier cells published them. */
  readonly #values = new Set<string>()

  /** A compiler for a notebook in `folder`, an absolute path. */
  constructor(folder: string) {
    this.#language = new Language(folder)
  }

  /** Loads the libraries' types, which takes most of a second once. */
  warmUp(): void {
    this.#check('warm-up', 'const text: string = await Promise.resolve(String(display)); [text].map((t) => t.length)')
    this.#language.cells.release()
  }

  /** A cell's script, or its faults: what is no TypeScript, and with `check` what does not fit its types. */
  compile(cell: string, code: string, check: boolean): Compiled {
    const { script, map, faults } = emitCell(cell, code, this.#values)
    if (faults.length > 0) return { faults: faults.map((fault) => cellFault(fault, code)) }
    if (!check) {
      this.#language.cells.write(cell, code, 'used')
      return { faults: [], script, map }
    }
    const wrong = this.#check(cell, code)
    return wrong.length > 0 ? { faults: wrong } : { faults: [], script, map }
  }

  #check(cell: string, code: string) {
    const { cells, service } = this.#language
    const { start } = cells.write(cell, code, 'used')
    return typeErrors(service, cells.path(cell)).map((fault) => cellFault(fault, code, start))
  }

  /** Lets later cells use what `cell` declares: its types, and those of its values that it came to give. */
  publish(cell: string, values: readonly string[]): void {
    for (const name of values) this.#values.add(name)
    this.#language.cells.publish(cell, new Set(values))
  }

  /** Makes `types` those of the workspace's own nodes. */
  setOwnNodes(types: string): void {
    this.#language.setOwnNodes(types)
  }

  /** Answers what an editor asks about code that is being written. */
  assist({ type, code, position }: CodeRequest): Content {
    if (type === 'isComplete') return completeness(code)
    return (type === 'complete' ? completions : inspection)(this.#language, code, position)
  }
}

/** Implicit any: a notebook need not annotate, nor can it mend a package without types. */
const isImplicitAny = (code: number): boolean => code >= 7000 && code < 7100

/** A fault of a cell's text, which begins at `start` of the checked file; places behind the text are its end. */
function cellFault({ code, messageText, start: at = 0 }: ts.Diagnostic, text: string, start = 0): CellFault {
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
