import { asPolkuError, PolkuError, PolkuErrors } from '../../errors/errors.ts'
import type { ProblemRecord } from '../../errors/problem.ts'

// A stack names a module by its address; what a test runner made of it, by its path.
const ownFolders = [new URL('.', import.meta.url).href, `${import.meta.dirname}/`]

const sentence = (text: string): string => (/[.!?…]$/.test(text) ? text : `${text}.`)

/** What went wrong with a call in a notebook: its name is the code, its message says what would be right. */
export class NotebookError extends Error {
  readonly #problems: readonly ProblemRecord[]

  constructor(problems: readonly ProblemRecord[], options?: ErrorOptions) {
    super(problems.map(({ message, expected = '' }) => `${sentence(message)} ${expected}`.trim()).join('\n'), options)
    this.name = problems[0]?.code ?? 'INTERNAL'
    this.#problems = problems
  }

  /** Makes the stack that of the call, `stack`: what waited its turn has lost the author's own lines. */
  calledFrom(stack = ''): void {
    const lines = stack
      .split('\n')
      .filter((line) => /^\s+at /.test(line) && !ownFolders.some((own) => line.includes(own)))
    this.stack = [`${this.name}: ${this.message}`, ...lines].join('\n')
  }

  /** All faults, with their codes. */
  get problems(): readonly ProblemRecord[] {
    return this.#problems
  }
}

/** An author's fault as a notebook shows it; any other error comes back unchanged. `root` is the workspace. */
export function notebookError(error: unknown, root: string): unknown {
  const fault = asPolkuError(error, root)
  if (fault instanceof PolkuErrors) return new NotebookError(fault.errors.map((one) => one.toProblem()))
  if (!(fault instanceof PolkuError)) return fault
  // Only where the fault may lie in a node's code does its stack say more than the message.
  return new NotebookError([fault.toProblem()], fault.code === 'STEP_FAILED' ? { cause: fault.cause } : undefined)
}
