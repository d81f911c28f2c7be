import { inspect } from 'node:util'
import type { Content } from '../wire.ts'
import type { CellFault } from './messages.ts'
import type { Stacks } from './stack.ts'

/** Characters of an error that are told; its message may hold a whole file. */
const mostText = 100_000
/** Faults that are shown; more would hide the first. */
const mostFaults = 20

const cut = (text: string): string =>
  text.length > mostText ? `${text.slice(0, mostText)}… (${text.length - mostText} more characters)` : text

const described = (error: unknown): string => {
  try {
    return shortened(error) ?? cut(inspect(error))
  } catch (reason) {
    // An object that does not bear being looked at.
    return `An error that cannot be shown: ${reason instanceof Error ? reason.message : 'it throws'}`
  }
}

/** The stack of an error with a message that is too long to look through, its message cut; else undefined. */
function shortened(error: unknown): string | undefined {
  if (!(error instanceof Error) || String(error.message).length <= mostText) return undefined
  const calls = String(error.stack).slice(String(error.message).length).split('\n')
  return [`${error.name}: ${cut(error.message)}`, ...calls.filter((line) => /^\s+at /.test(line))].join('\n')
}

/** What a cell threw, as the content of an error message: its stack, and the line of the notebook it came from. */
export function failure(error: unknown, stacks: Stacks): Content {
  const text = described(error)
  const [, cell, line] = /\b((?:cell|expression) \d+):(\d+):\d+/.exec(text) ?? []
  const excerpt = cell ? stacks.excerpt(cell, Number(line)) : []
  const isError = error instanceof Error
  return {
    ename: isError ? String(error.name) : 'Thrown',
    evalue: isError ? cut(String(error.message)) : text,
    traceback: [...(cell && excerpt.length > 0 ? [`${cell}, line ${line}`, ...excerpt, ''] : []), ...text.split('\n')],
  }
}

/** What is wrong with a cell that was not run, as the content of an error message. */
export function refusal(faults: readonly CellFault[], cell: string, code: string, stacks: Stacks): Content {
  const line = ({ line, column, code: number, message }: CellFault) =>
    `${cell}:${line}:${column} - error TS${number}: ${message}`
  const [first] = faults
  const listed = faults.slice(0, mostFaults)
  const more = faults.length - listed.length
  return {
    ename: 'TypeScriptError',
    evalue: first ? `${line(first).split('\n')[0]}${faults.length > 1 ? ` (and ${faults.length - 1} more)` : ''}` : '',
    traceback: [
      ...listed.flatMap((fault) => [...line(fault).split('\n'), ...stacks.excerpt(cell, fault.line, code), '']),
      ...(more > 0 ? [`… and ${more} more`, ''] : []),
      'The cell was not run.',
    ],
  }
}
