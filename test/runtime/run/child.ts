import { once } from 'node:events'
import { watch } from 'node:fs'
import { join } from 'node:path'
import { silent } from '../../../runtime/run/progress.ts'
import { runFlow } from '../engine.ts'
import { testNodes } from '../nodes.ts'

// One run in a process of its own, which can be killed or held at a moment. Told in argv[2], as JSON.
export interface ChildOrder {
  readonly root: string
  readonly flow?: string
  /** The moment at which the process kills itself: `start STEP`, `end STEP`, one inside a step, or `writing`. */
  readonly dieAt?: string
  /** Moments at which it tells its parent and waits for an answer. */
  readonly holdAt?: readonly string[]
  readonly resume?: string
}

const order = JSON.parse(process.argv[2] ?? '{}') as ChildOrder // written by the tests
const die = () => process.kill(process.pid, 'SIGKILL')

const at = async (moment: string): Promise<void> => {
  if (moment === order.dieAt) die()
  if (!order.holdAt?.includes(moment)) return
  process.send?.(moment)
  await once(process, 'message')
}

// Dies as soon as DuckDB has begun to write a table's file.
if (order.dieAt === 'writing')
  watch(join(order.root, '.polku'), { recursive: true }, (_, name) => {
    if (name?.endsWith('.parquet')) die()
  })

const record = await runFlow(order.root, {
  nodes: testNodes(at),
  flow: order.flow,
  resume: order.resume,
  progress: {
    ...silent,
    stepStarted: (step) => {
      if (order.dieAt === `start ${step}`) die()
    },
    stepEnded: ({ name }) => {
      if (order.dieAt === `end ${name}`) die()
    },
  },
})
process.send?.({ status: record.status, problem: record.problem })
process.disconnect?.()
