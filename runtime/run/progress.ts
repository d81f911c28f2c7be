import { printable } from '../errors/printable.ts'
import type { ProblemRecord } from '../errors/problem.ts'
import { plainDuration } from '../html/durations.ts'
import { plainSpaces } from '../html/numbers.ts'
import { rowsText, stepRows } from '../html/step-rows.ts'
import type { StepRecord } from './record.ts'

/** Who follows a run as it goes. */
export interface Progress {
  started(flow: string, run: string, steps: readonly string[]): void
  stepStarted(step: string, index: number): void
  /** An attempt at a step begins that is over its time after so long, with this problem. */
  attemptStarted?(step: string, milliseconds: number, problem: ProblemRecord): void
  stepProgress(step: string, index: number, share: number): void
  /** A step failed and is tried again after so many seconds. */
  stepRetried?(step: string, index: number, wait: number, problem: ProblemRecord): void
  stepEnded(step: StepRecord, index: number): void
  ended(status: string): void
}

export const silent: Progress = {
  started() {},
  stepStarted() {},
  stepProgress() {},
  stepEnded() {},
  ended() {},
}

function outcome(step: StepRecord): string {
  if (step.status === 'failed') return 'failed'
  if (step.status === 'skipped') return 'not run'
  const rows = plainSpaces(rowsText(stepRows(step.outputs)))
  const source = step.cached ? 'cached' : plainDuration(step.milliseconds)
  return [rows, source, step.status === 'stopped' ? 'stopped' : ''].filter(Boolean).join(', ')
}

interface Output {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** Plain lines, one a finished step: for logs and pipes. */
export function lines(output: Output): Progress {
  let width = 0
  return {
    ...silent,
    started(flow, run, steps) {
      width = Math.max(...steps.map((step) => step.length), 4)
      output.write(`${printable(flow)}  ${steps.length} steps  (run ${run})\n`)
    },
    stepRetried(step, _index, wait, { message }) {
      output.write(
        `  ${step.padEnd(width)}  failed, is tried again in ${plainDuration(wait * 1000)}: ${printable(message)}\n`,
      )
    },
    stepEnded(step) {
      output.write(`  ${step.name.padEnd(width)}  ${outcome(step)}\n`)
    },
  }
}

/** The same lines with a bar below them that is redrawn in place. */
export function bars(output: Output): Progress {
  const plain = lines(output)
  let total = 0
  const clear = () => output.write('\r\u001b[2K')
  const draw = (step: string, index: number, share: number) => {
    const width = 24
    const filled = Math.round(((index + share) / Math.max(total, 1)) * width)
    clear()
    output.write(
      `  [${'█'.repeat(filled)}${'░'.repeat(width - filled)}] ${index}/${total}  ${step}`.slice(
        0,
        (output.columns ?? 80) - 1,
      ),
    )
  }
  return {
    started(flow, run, steps) {
      total = steps.length
      plain.started(flow, run, steps)
    },
    stepStarted: (step, index) => draw(step, index, 0),
    stepProgress: (step, index, share) => draw(step, index, share),
    stepRetried(...retry) {
      clear()
      plain.stepRetried?.(...retry)
    },
    stepEnded(step, index) {
      clear()
      plain.stepEnded(step, index)
    },
    ended() {
      clear()
    },
  }
}
