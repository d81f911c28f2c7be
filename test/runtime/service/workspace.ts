import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from '../../../runtime/engine/engine.ts'
import { openEngine } from '../../../runtime/notebook/open-engine.ts'
import type { RunRecord } from '../../../runtime/run/record.ts'
import { writeLightClient } from './light-client.ts'

const day = 86_400_000
const quiet = { started() {}, stepStarted() {}, stepProgress() {}, stepEnded() {}, ended() {} }

export type TestWorkspace = ReturnType<typeof runWorkspace>

/** The workspace of an invented client, whose runs may be as old as one likes. */
export function runWorkspace() {
  const folder = mkdtempSync(join(tmpdir(), 'polku-clean-'))
  const root = writeLightClient(folder, 'tried')
  const runWith = async (client: Engine, add: number, now = Date.now()) => {
    const signal = new AbortController().signal
    const options = { progress: quiet, signal, now: () => now, report: 'later' as const }
    return (await client.run({ flow: 'two', params: { add }, asOf: '2026-01-01' }, options)).run
  }
  /** Makes what was written within so many ms as old as `milliseconds`. */
  const age = (milliseconds: number, within = Number.POSITIVE_INFINITY) => {
    const now = Date.now()
    const at = new Date(now - milliseconds)
    for (const entry of readdirSync(join(root, '.polku'), { recursive: true })) {
      const file = join(root, '.polku', String(entry))
      if (now - statSync(file).mtimeMs < within) utimesSync(file, at, at)
    }
  }
  return {
    root,
    age,
    runWith,
    /** Forgets all that was run. */
    reset() {
      for (const name of ['.polku', 'models']) rmSync(join(root, name), { recursive: true, force: true })
    },
    /** Runs a flow of two steps, so many days ago, and gives the run's id. */
    async run(add: number, days: number): Promise<string> {
      const client = await openEngine(root)
      try {
        return await runWith(client, add, Date.now() - days * day)
      } finally {
        await client.close()
        age(days * day, day)
      }
    },
    record: (id: string): RunRecord => JSON.parse(readFileSync(join(root, '.polku', 'runs', id, 'run.json'), 'utf8')),
    end: () => rmSync(folder, { recursive: true, force: true }),
  }
}
