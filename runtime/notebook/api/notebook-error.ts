import { known, PolkuError, PolkuErrors } from '../../errors.ts'
import type { ProblemRecord } from '../../run/record.ts'

/** What went wrong with a call in a notebook: its name is the code, its message says what would be right. */
export class NotebookError extends Error {
  readonly problems: readonly ProblemRecord[]
  constructor(problems: readonly ProblemRecord[], cause: unknown) {
    super(problems.map(({ message, expected }) => [message, expected].filter(Boolean).join(' ')).join('\n'), { cause })
    this.name = problems[0]?.code ?? 'INTERNAL'
    this.problems = problems
  }
}

/** An author's fault as a notebook shows it; any other error comes back unchanged. `root` is the workspace. */
export function notebookError(error: unknown, root: string): unknown {
  const told = known(error, root)
  if (told instanceof PolkuErrors)
    return new NotebookError(
      told.errors.map((one) => one.toProblem()),
      error,
    )
  return told instanceof PolkuError ? new NotebookError([told.toProblem()], error) : told
}
