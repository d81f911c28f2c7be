import { stripVTControlCharacters } from 'node:util'
import type { ErrorOutput } from '../nbformat/cells.ts'

const shownLines = 12
const shownTraceback = 30

/** What the error of a cell says, in one line. */
export const reasonOf = ({ ename, evalue }: ErrorOutput): string =>
  stripVTControlCharacters(evalue ? `${ename}: ${evalue.split('\n')[0]}` : ename).slice(0, 500)

/** The lines of a failed cell around the one that failed, and the error's traceback, for a terminal. */
export function failureDetails(source: string, error: ErrorOutput): string {
  const traceback = stripVTControlCharacters(error.traceback.join('\n')).split('\n')
  const failed = failedLine(traceback)
  const lines = source.split('\n')
  const first = Math.max(0, Math.min((failed ?? 1) - 1 - shownLines / 2, lines.length - shownLines))
  const excerpt = lines.slice(first, first + shownLines).map((line, index) => {
    const number = first + index + 1
    return `  ${number === failed ? '>' : ' '} ${String(number).padStart(3)} | ${line.slice(0, 200)}`
  })
  if (lines.length > first + shownLines) excerpt.push(`        … ${lines.length - first - shownLines} more lines`)
  const shortened =
    traceback.length > shownTraceback
      ? [
          ...traceback.slice(0, 5),
          `… ${traceback.length - shownTraceback} more lines …`,
          ...traceback.slice(5 - shownTraceback),
        ]
      : traceback
  return [...excerpt, ...shortened.map((line) => `  ${line.slice(0, 400)}`)].join('\n')
}

/** The cell's line that a traceback points at: `cell 3:2:5` or `Cell In [3], line 2`. */
function failedLine(traceback: readonly string[]): number | undefined {
  const pointer = /\bcell (?:In ?)?\[?\d+\]?(?:, line |:)(\d+)/i
  const numbers = traceback.flatMap((line) => pointer.exec(line)?.[1] ?? [])
  return numbers.length > 0 ? Number(numbers[0]) : undefined
}
