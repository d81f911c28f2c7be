import { readFileSync } from 'node:fs'
import { PolkuError } from '../../errors.ts'
import type { Runner } from '../runner/process.ts'

const every = 250
const pageBytes = 4096

/** Resident bytes of a process; 0 where the system does not tell. */
export function residentBytes(pid: number | undefined): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * pageBytes
  } catch {
    // It has just ended, or this is not Linux: then the limit of V8's heap alone holds.
    return 0
  }
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`

export interface MemoryWatch {
  /** Set once the process took too much and was ended for it. */
  readonly exceeded: PolkuError | undefined
  end(): void
}

/** Ends a run's process where it takes more than `limit` bytes. */
export function watchMemory(runner: Runner, limit: number): MemoryWatch {
  let exceeded: PolkuError | undefined
  const timer = setInterval(() => {
    const bytes = residentBytes(runner.pid)
    if (bytes <= limit || exceeded) return
    exceeded = new PolkuError('RUN_MEMORY', { found: megabytes(bytes), limit: megabytes(limit) })
    runner.kill()
  }, every)
  return {
    get exceeded() {
      return exceeded
    },
    end: () => clearInterval(timer),
  }
}
