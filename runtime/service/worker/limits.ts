import { readdirSync, readFileSync } from 'node:fs'
import { PolkuError } from '../../errors/errors.ts'
import type { ProblemRecord } from '../../errors/problem.ts'
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
  const processes = new Set(pid === undefined ? [] : [pid])
  for (const each of processes) for (const child of childrenOf(each)) processes.add(child)
  return [...processes]
}

/** Each thread has children of its own. */
const childrenOf = (pid: number): number[] =>
  ifThere(() => readdirSync(`/proc/${pid}/task`), []).flatMap((thread) =>
    ifThere(() => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8'), '')
      .split(' ')
      .filter((child) => child !== '')
      .map(Number),
  )

/** What /proc says, or `none` of what has just ended; where this is not Linux the limit of V8's heap alone holds. */
function ifThere<Text>(read: () => Text, none: Text): Text {
  try {
    return read()
  } catch {
    return none
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`

/** Ends a run's process, with all that it has started, where they take more than `limit` bytes. */
export class MemoryLimit {
  readonly #runner: Pick<Runner, 'pid' | 'kill'>
  readonly #limit: number
  #timer: NodeJS.Timeout | undefined
  /** Set once the process took too much and was ended for it. */
  exceeded: PolkuError | undefined

  constructor(runner: Pick<Runner, 'pid' | 'kill'>, limit: number) {
    this.#runner = runner
    this.#limit = limit
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), every)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const bytes = residentBytes(this.#runner.pid)
    if (bytes <= this.#limit || this.exceeded) return
    this.exceeded = new PolkuError('RUN_MEMORY', { actual: megabytes(bytes), limit: megabytes(this.#limit) })
    const below = processesOf(this.#runner.pid).slice(1)
    this.#runner.kill()
    for (const pid of below) kill(pid)
  }
}

/** How long after its time a step may take to end by itself, in ms: its own end takes five seconds of them. */
const grace = 8000

/**
 * Ends a run's process whose step is over its time and does not end: the process itself cannot, where the step holds
 * its only thread.
 */
export class TimeLimit {
  readonly #kill: () => void
  #timer: NodeJS.Timeout | undefined
  /** What is wrong, once the process was ended for it. */
  problem: ProblemRecord | undefined

  constructor(kill: () => void) {
    this.#kill = kill
  }

  /** A step begins an attempt that may take so long. */
  start(milliseconds: number, problem: ProblemRecord): void {
    this.stop()
    this.#timer = setTimeout(() => {
      this.problem = problem
      this.#kill()
    }, milliseconds + grace)
  }

  /** The attempt has ended. */
  stop(): void {
    clearTimeout(this.#timer)
  }
}
