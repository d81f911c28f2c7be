import { basename, join } from 'node:path'
import ts from 'typescript'
import { declaredNames, isExported } from './names.ts'

/** A cell as the type checker sees it: what it uses of earlier cells, its code, and what it declares. */
export interface CellFile {
  readonly text: string
  readonly version: number
  /** Where the cell's code begins and ends in the text. */
  readonly start: number
  readonly end: number
}

interface Declared {
  readonly cell: string
  /** Whether later cells may assign to it. */
  readonly variable: boolean
}

const parse = (code: string) => ts.createSourceFile('cell.ts', code, ts.ScriptTarget.ESNext)
const allNames = (code: string) => parse(code).statements.flatMap((s) => declaredNames(s))

/** The cells of a session as virtual modules, which import from each other what they use. */
export class Cells {
  readonly #folder: string
  readonly #files = new Map<string, CellFile>()
  /** Who declared each name last. */
  readonly #names = new Map<string, Declared>()
  #version = 0

  /** The file through which the language service reaches every cell. */
  readonly index: string

  constructor(folder: string) {
    this.#folder = folder
    this.index = join(folder, 'polku cells.ts')
  }

  path(cell: string): string {
    return join(this.#folder, `${cell}.ts`)
  }

  /** The text of a virtual file. */
  get(file: string): Pick<CellFile, 'text' | 'version'> | undefined {
    if (file !== this.index) return this.#files.get(file)
    const imports = [...this.#files.keys()].map((path) => `import ${JSON.stringify(`./${basename(path)}`)};`)
    return { text: `${imports.join('\n')}\nexport {}`, version: this.#version }
  }

  /** The cell's file that `name` means where it is imported in `from`. */
  resolve(name: string, from: string): string | undefined {
    if (!name.startsWith('./') || (from !== this.index && !this.#files.has(from))) return undefined
    const file = join(this.#folder, name)
    return this.#files.has(file) ? file : undefined
  }

  /**
   * Makes `code` the text of a cell that sees what is published so far. Of the earlier names it is given those it
   * uses, or all of them, for completions.
   */
  write(cell: string, code: string, imports: 'used' | 'all'): CellFile {
    const source = parse(code)
    const own = new Set(source.statements.flatMap((statement) => declaredNames(statement)).map(({ name }) => name))
    const used =
      imports === 'all' ? undefined : new Set(code.match(/[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu))
    const prelude: string[] = []
    for (const [name, { cell: from, variable }] of this.#names) {
      if (own.has(name) || (used && !used.has(name))) continue
      const module = JSON.stringify(`./${from}.ts`)
      prelude.push(
        variable ? `declare let ${name}: typeof import(${module}).${name};` : `import { ${name} } from ${module};`,
      )
    }
    const exported = source.statements.filter(isExported).flatMap((statement) => declaredNames(statement))
    for (const { name } of exported) own.delete(name)
    const head = `${prelude.join('')}\n`
    const text = `${head}${code}\nexport { ${[...own].join(', ')} }`
    this.#version += 1
    const file = { text, version: this.#version, start: head.length, end: head.length + code.length }
    this.#files.set(this.path(cell), file)
    return file
  }

  /**
   * Lets later cells see what `cell` declares: its types, and of its values those that are there. Cells of which
   * nothing is seen any more are released.
   */
  publish(cell: string, values: ReadonlySet<string>): void {
    const file = this.#files.get(this.path(cell))
    if (!file) return
    for (const { name, value, writable } of allNames(file.text.slice(file.start, file.end))) {
      if (value && !values.has(name)) continue
      this.#names.set(name, { cell, variable: writable && isVariable(file, name) })
    }
    this.release()
  }

  /** Releases the cells that no name is seen of, unless a cell that is retained is typed by them. */
  release(): void {
    const retained = new Set<string>()
    const keep = (cell: string): void => {
      const path = this.path(cell)
      const file = this.#files.get(path)
      if (!file || retained.has(path)) return
      retained.add(path)
      for (const [, from] of file.text.slice(0, file.start).matchAll(/"\.\/([^"]+)\.ts"/g)) if (from) keep(from)
    }
    for (const { cell } of this.#names.values()) keep(cell)
    for (const path of this.#files.keys()) if (!retained.has(path)) this.#files.delete(path)
    this.#version += 1
  }
}

/** Functions and classes can be assigned to as well, but are better known as what they are. */
const isVariable = ({ text, start, end }: CellFile, name: string): boolean =>
  parse(text.slice(start, end)).statements.some(
    (statement) =>
      ts.isVariableStatement(statement) && declaredNames(statement).some((declared) => declared.name === name),
  )
