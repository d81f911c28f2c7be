import { setTimeout as wait } from 'node:timers/promises'
import { median } from '../figures.ts'
import type { Served } from './served.ts'

export interface LoadSettings {
  readonly seconds: number
  readonly perMinute: number
}

export interface Loaded {
  readonly runs: number
  /** Of a run, in ms from the moment at which it was due to be asked for. */
  readonly median: number
  readonly p99: number
  /** Resident bytes when a third of the time has passed, and at the end. */
  readonly bytes: readonly [number, number]
  /** Of CPU in milliseconds for each run, of the service and its runs' processes. */
  readonly cpu: number
}

/** Asks for runs at a steady pace, whether or not the earlier ones have ended. */
export async function load(
  run: () => Promise<{ done: number }>,
  served: Served,
  { seconds, perMinute }: LoadSettings,
): Promise<Loaded> {
  const count = Math.round((perMinute / 60) * seconds)
  const begun = performance.now()
  const before = served.usage()
  const going: Promise<number>[] = []
  let early = before
  for (let index = 0; index < count; index += 1) {
    const due = begun + index * (60_000 / perMinute)
    await wait(Math.max(0, due - performance.now()))
    const late = performance.now() - due
    going.push(run().then(({ done }) => done + late))
    if (index === Math.floor(count / 3)) early = served.usage()
  }
  const times = (await Promise.all(going)).sort((left, right) => left - right)
  const after = served.usage()
  return {
    runs: count,
    median: median(times),
    p99: times[Math.floor(times.length * 0.99)] ?? 0,
    bytes: [early.bytes, after.bytes],
    cpu: (after.cpuMilliseconds - before.cpuMilliseconds) / count,
  }
}
