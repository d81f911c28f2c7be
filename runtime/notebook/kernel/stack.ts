import { SourceMap } from 'node:module'

// The head of a cell's script: a function of the cell's surroundings. What modules know besides stands in an outer
// function, so that a cell may declare these names itself.
export const head = '(({ require, __filename, __dirname }) => async (__polku) => { "use strict";\n'

/** Lines of the script before those that its source map knows. */
const headLines = 1

// Stacks in the notebook's own lines. Cells run as scripts that are named as the cells are.

/** Cells whose lines are remembered. A stack through an older one names the line that ran. */
const remembered = 1000
const frame = /\b((?:cell|expression) \d+):(\d+):(\d+)/g

interface Remembered {
  readonly map: string
  readonly code: string
}

export class Stacks {
  readonly #cells = new Map<string, Remembered>()

  /** Remembers what a cell was before it became a script. */
  remember(cell: string, map: string, code: string): void {
    this.#cells.delete(cell)
    this.#cells.set(cell, { map, code })
    const [oldest] = this.#cells.keys()
    if (this.#cells.size > remembered && oldest !== undefined) this.#cells.delete(oldest)
  }

  /** A stack's text with the cells' own lines and columns. */
  mapped(text: string): string {
    return text.replaceAll(frame, (location, cell: string, line: string, column: string) => {
      const cellSource = this.#cells.get(cell)
      if (!cellSource) return location
      // The compiler's map, as it wrote it.
      const entry = new SourceMap(JSON.parse(cellSource.map)).findEntry(
        Number(line) - 1 - headLines,
        Number(column) - 1,
      )
      if (!('originalLine' in entry)) return location
      return `${cell}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
    })
  }

  /** The line of a cell with its neighbours, an arrow before it; empty where the cell is not known. */
  excerpt(cell: string, line: number, code = this.#cells.get(cell)?.code): string[] {
    if (code === undefined) return []
    const lines = code.split('\n')
    const from = Math.max(line - 2, 1)
    const width = String(line + 1).length
    return lines
      .slice(from - 1, line + 1)
      .map((text, i) => `${from + i === line ? '-->' : '   '} ${String(from + i).padStart(width)} | ${text}`)
  }

  /** Makes every error's stack, of cells or not, speak in the notebook's lines. */
  install(): void {
    Error.prepareStackTrace = (error, frames) => {
      const own = frames.map((site) => `    at ${site}`).filter((line) => !isKernel(line))
      return this.mapped([describe(error), ...own].join('\n'))
    }
  }
}

const kernelFolder = new URL('.', import.meta.url).href
const isKernel = (line: string): boolean =>
  line.includes(kernelFolder) || line.includes('node:internal/') || line.includes('node:vm:')

const describe = (error: unknown): string => {
  try {
    return Error.prototype.toString.call(error)
  } catch {
    // A name or message that throws when it is read.
    return 'Error'
  }
}
