import type { ErrorCode, ErrorValues } from '../../errors/errors.ts'
import type { Execution, Kernel } from '../kernel-process/kernel.ts'
import { afterOwnTime } from '../own-time.ts'

export interface Limits {
  /** Milliseconds for the whole notebook, and for one cell. */
  readonly timeout?: number
  readonly cellTimeout?: number
  /** Bytes of resident memory for the kernel and all that it starts. */
  readonly memory?: number
}

/** Why a cell was stopped. */
export interface Stop {
  readonly code: ErrorCode
  readonly values: ErrorValues
}

const memoryInterval = 200
/** Milliseconds of its own in which an interrupted kernel gives the cell back, before it is killed. */
const interruptTime = 2000
/** Timers take no longer delay: 24 days. */
const longest = 2 ** 31 - 1

/** A duration as a person writes it: 90 s, 10 min, 2 h. */
function duration(milliseconds: number): string {
  if (milliseconds < 120_000) return `${milliseconds / 1000} s`
  const minutes = milliseconds / 60_000
  return minutes < 120 ? `${Number(minutes.toFixed(1))} min` : `${Number((minutes / 60).toFixed(1))} h`
}

const size = (bytes: number): string =>
  bytes < 1e9 ? `${Number((bytes / 1e6).toPrecision(3))} MB` : `${Number((bytes / 1e9).toPrecision(3))} GB`

/** Waits for a cell within the limits. Gives how it ended, or why it was stopped; then the kernel is gone. */
export async function guarded(
  kernel: Kernel,
  done: Promise<Execution>,
  limits: Limits & { readonly remaining?: number; readonly signal: AbortSignal },
): Promise<Execution | Stop> {
  const { promise: stopped, resolve: stop } = Promise.withResolvers<Stop>()
  const timers: NodeJS.Timeout[] = []
  const after = (milliseconds: number | undefined, code: ErrorCode, limit = milliseconds) => {
    if (milliseconds === undefined || limit === undefined) return
    const onTime = () => stop({ code, values: { limit: duration(limit) } })
    timers.push(setTimeout(onTime, Math.min(Math.max(0, milliseconds), longest)))
  }
  after(limits.remaining, 'NOTEBOOK_TIMEOUT', limits.timeout)
  after(limits.cellTimeout, 'NOTEBOOK_CELL_TIMEOUT')
  const { memory } = limits
  if (memory !== undefined) {
    const look = () => {
      const resident = kernel.process.memory() ?? 0
      if (resident > memory) stop({ code: 'NOTEBOOK_MEMORY', values: { actual: size(resident), limit: size(memory) } })
    }
    timers.push(setInterval(look, memoryInterval))
  }
  const onAbort = () => stop({ code: 'NOTEBOOK_CANCELLED', values: {} })
  limits.signal.addEventListener('abort', onAbort)
  try {
    if (limits.signal.aborted) onAbort()
    const outcome = await Promise.race([done, stopped])
    if ('code' in outcome) await end(kernel, done, outcome)
    return outcome
  } finally {
    for (const timer of timers) clearTimeout(timer)
    limits.signal.removeEventListener('abort', onAbort)
  }
}

/** Interrupts the cell, so that what it had to say is heard, and kills the kernel. */
async function end(kernel: Kernel, done: Promise<Execution>, { code }: Stop): Promise<void> {
  const over = done.then(
    () => undefined,
    () => undefined, // it died of it, as it should
  )
  if (code !== 'NOTEBOOK_MEMORY') {
    await kernel.interrupt()
    const { promise: late, resolve } = Promise.withResolvers<void>()
    const release = afterOwnTime(interruptTime, () => kernel.process.cpuTime(), resolve)
    await Promise.race([over, late])
    release()
  }
  kernel.kill()
  await kernel.process.ended
}
