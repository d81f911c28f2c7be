import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { ChildOrder } from './child.ts'

/** Starts a run in a process of its own. */
export const startRun = (order: ChildOrder): ChildProcess =>
  fork(join(import.meta.dirname, 'child.ts'), [JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: [],
  })

/** How a child ended, with all it wrote to its standard error. */
export async function ended(
  child: ChildProcess,
): Promise<{ code: number | null; signal: string | null; said: string }> {
  let said = ''
  child.stderr?.on('data', (text) => {
    said += text
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null] // the event's documented arguments
  return { code, signal, said }
}
