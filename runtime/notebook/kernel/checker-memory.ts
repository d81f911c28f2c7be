import type { CompileRequest, ToChecker } from './messages.ts'

/** What a type checker has been told of a session, for one that takes its place. */
export class CheckerMemory {
  readonly #compiled = new Map<string, string>()
  readonly #published: { readonly cell: string; readonly code: string; readonly values: readonly string[] }[] = []

  compiling({ cell, code }: Omit<CompileRequest, 'type'>): void {
    this.#compiled.clear()
    this.#compiled.set(cell, code)
  }

  published(cell: string, values: readonly string[]): void {
    const code = this.#compiled.get(cell)
    // What declares nothing is nothing to later cells.
    if (code !== undefined && (values.length > 0 || declaresTypes.test(code)))
      this.#published.push({ cell, code, values })
  }

  /** What tells it to another, in order. */
  requests(): ToChecker[] {
    return this.#published.flatMap(({ cell, code, values }): ToChecker[] => [
      { type: 'compile', cell, code, check: false },
      { type: 'publish', cell, values },
    ])
  }
}

const declaresTypes = /\b(?:type|interface|namespace|import)\b/
