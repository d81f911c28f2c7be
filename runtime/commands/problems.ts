import { PolkuError } from '../errors/errors.ts'
import { printable } from '../errors/printable.ts'
import type { ProblemRecord } from '../errors/problem.ts'

/** Whether the fault is in how the command was written, not in the client's files. */
export const isUsage = (error: unknown): boolean => error instanceof PolkuError && error.entry.usage === true

/** What happened, where, what was found and what would be right. */
export function printProblems(problems: readonly ProblemRecord[], output: { write(text: string): unknown }): void {
  for (const { code, message, file, line, column, step, actual, expected } of problems) {
    const position = [file, line, column].filter((part) => part !== undefined).join(':')
    const where = [position, step && `step ${step}`].filter(Boolean).join(', ')
    const lines = [`${code}${where ? `  ${where}` : ''}`, `  ${message}`]
    if (actual !== undefined && !message.includes(actual)) lines.push(`  Found: ${actual}`)
    if (expected) lines.push(`  ${expected}`)
    output.write(`${printable(lines.join('\n'))}\n`)
  }
  if (problems.length > 1) output.write(`${problems.length} faults.\n`)
}
