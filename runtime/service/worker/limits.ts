import { readdirSync, readFileSync } from 'node:fs'
import { PolkuError } from '../../errors/errors.ts'
import type { Runner } from '../runner/process.ts'

const every = 250
const pageBytes = 4096

/**
 * Resident bytes of a process and of all that it has started, such as the kernels of notebooks; 0 where the system does
 * not tell. Pages that several of them share are counted for each: what is found is rather too much than too little.
 */
export const residentBytes = (pid: number | undefined): number =>
  processesOf(pid).reduce((sum, each) => sum + ownBytes(each), 0)

const ownBytes = (pid: number): number =>
  Number(ifThere(() => readFileSync(`/proc/${pid}/statm`, 'utf8'), '0 0').split(' ')[1]) * pageBytes

/** A process and those below it; what has left them for the system's first process is not found any more. */
function processesOf(pid: number | undefined): number[] {
  const found = new Set(pid === undefined ? [] : [pid])
  for (const each of found) for (const child of childrenOf(each)) found.add(child)
  return [...found]
}

/** Each thread has children of its own. */
const childrenOf = (pid: number): number[] =>
  ifThere(() => readdirSync(`/proc/${pid}/task`), []).flatMap((thread) =>
    ifThere(() => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'), '')
      .split(' ')
      .filter((child) => child !== '')
      .map(Number),
  )

/** What /proc tells, or `none` of what has just ended; where this is not Linux the limit of V8's heap alone holds. */
function ifThere<Told>(read: () => Told, none: Told): Told {
  try {
    return read()
  } catch {
    return none
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`

/** What is watched: the process of a run. */
type Watched = Pick<Runner, 'pid' | 'kill'>

export interface MemoryWatch {
  /** Set once the process took too much and was ended for it. */
  readonly exceeded: PolkuError | undefined
  end(): void
}

/** Ends a run's process, with all that it has started, where they take more than `limit` bytes. */
export function watchMemory(runner: Watched, limit: number): MemoryWatch {
  let exceeded: PolkuError | undefined
  const timer = setInterval(() => {
    const bytes = residentBytes(runner.pid)
    if (bytes <= limit || exceeded) return
    exceeded = new PolkuError('RUN_MEMORY', { found: megabytes(bytes), limit: megabytes(limit) })
    const below = processesOf(runner.pid).slice(1)
    runner.kill()
    for (const pid of below) end(pid)
  }, every)
  return {
    get exceeded() {
      return exceeded
    },
    end: () => clearInterval(timer),
  }
}
