import type { ProblemRecord } from '../../errors/problem.ts'
import { stepRows } from '../../html/step-rows.ts'
import type { Progress } from '../../run/progress.ts'
import type { RunEvent } from '../queue/queue.ts'
import type { StepProgress } from '../queue/run.ts'

type Send = (steps: readonly StepProgress[], events: readonly RunEvent[]) => void
type SendDeadline = (milliseconds: number, problem: ProblemRecord) => void

/** Sends to the worker how far a run is, without waiting for it. */
export function sentProgress(send: Send, sendDeadline: SendDeadline): Progress {
  let steps: StepProgress[] = []
  const set = (index: number, step: StepProgress) => {
    steps = steps.with(index, step)
  }
  return {
    started(_title, _run, names) {
      steps = names.map((name) => ({ name, status: 'waiting' }))
      send(steps, [{ event: 'run started', detail: { steps: names.length } }])
    },
    stepStarted(name, index) {
      set(index, { name, status: 'running' })
      send(steps, [{ event: 'step started', detail: { step: name } }])
    },
    attemptStarted(_step, milliseconds, problem) {
      sendDeadline(milliseconds, problem)
    },
    stepProgress(step, _index, share) {
      send(steps, [{ event: 'step progress', detail: { step, share: Math.round(share * 100) / 100 } }])
    },
    stepEnded({ name, uses, status, cached, milliseconds, outputs }, index) {
      const rows = stepRows(outputs)
      set(index, { name, status, cached, milliseconds, ...rows })
      send(steps, [{ event: `step ${status}`, detail: { step: name, uses, cached, milliseconds, ...rows } }])
    },
    ended() {},
  }
}
