import { once } from 'node:events'
import { watch } from 'node:fs'
import { join } from 'node:path'
import { silent } from '../../../runtime/run/progress.ts'
import { runFlow } from '../engine.ts'
import { testNodes } from '../nodes.ts'

// One run in a process of its own, which can be killed or held at a moment. Told in argv[2], as JSON.
export interface Told {
  readonly root: string
  readonly flow?: string
  /** The moment at which the process kills itself: `start STEP`, `end STEP`, one inside a step, or `writing`. */
  readonly dieAt?: string
  /** Moments at which it tells its parent and waits for an answer. */
  readonly holdAt?: readonly string[]
  readonly resume?: string
}

const told = JSON.parse(process.argv[2] ?? '{}') as Told // written by the tests
const die = () => process.kill(process.pid, 'SIGKILL')

const at = async (moment: string): Promise<void> => {
  if (moment === told.dieAt) die()
  if (!told.holdAt?.includes(moment)) return
  process.send?.(moment)
  await once(process, 'message')
}

// Dies as soon as DuckDB has begun to write a table's file.
if (told.dieAt === 'writing')
  watch(join(told.root, '.polku'), { recursive: true }, (_, name) => {
    if (name?.endsWith('.parquet')) die()
  })

const record = await runFlow(told.root, {
  nodes: testNodes(at),
  flow: told.flow,
  resume: told.resume,
  progress: {
    ...silent,
    stepStarted: (step) => {
      if (told.dieAt === `start ${step}`) die()
    },
    stepEnded: ({ name }) => {
      if (told.dieAt === `end ${name}`) die()
    },
  },
})
process.send?.({ status: record.status, problem: record.problem })
process.disconnect?.()
