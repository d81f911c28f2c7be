import { Runner, type RunnerLimits } from './process.ts'

/** How many runs a process does before another takes its place: what it has leaked goes with it. */
const mostRuns = 500

/** Processes that wait for the next run of their client, the longest waiting first. */
export class RunnerPool {
  readonly #idle: Runner[] = []
  readonly #busy = new Set<Runner>()
  readonly #mostIdle: number

  /** Keeps at most `mostIdle` processes waiting. */
  constructor(mostIdle: number) {
    this.#mostIdle = mostIdle
  }

  /** A process for a run of a client; give it back with `release`. */
  take(client: string, limits: RunnerLimits): Runner {
    const at = this.#idle.findLastIndex((runner) => runner.client === client && runner.isAlive && runner.fits(limits))
    const [idle] = at < 0 ? [] : this.#idle.splice(at, 1)
    const runner = idle ?? new Runner(client, limits)
    this.#busy.add(runner)
    return runner
  }

  async release(runner: Runner, again: boolean): Promise<void> {
    this.#busy.delete(runner)
    if (!again || !runner.isAlive || runner.runs >= mostRuns) return runner.close()
    this.#idle.push(runner)
    const [oldest] = this.#idle.length > this.#mostIdle ? this.#idle.splice(0, 1) : []
    await oldest?.close()
  }

  get busy(): readonly Runner[] {
    return [...this.#busy]
  }

  async close(): Promise<void> {
    await Promise.all([...this.#busy, ...this.#idle.splice(0)].map((runner) => runner.close()))
  }
}
