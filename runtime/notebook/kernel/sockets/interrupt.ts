import { Session } from 'node:inspector'
import { Worker } from 'node:worker_threads'

/**
 * Cuts off what the main thread computes, even an endless loop. Its variables stay; nobody can catch it, so whoever
 * waits for what was cut off must be told.
 */
export async function cutOff(): Promise<void> {
  const inspector = new Session()
  inspector.connectToMainThread()
  await new Promise<void>((resolve) => inspector.post('Runtime.terminateExecution', () => resolve()))
  // Left connected, it would hold the process up at its end.
  inspector.disconnect()
}

// The main thread hears of a signal only between two turns of its loop. A script that ends at SIGINT is ended by a
// thread of Node's own: so this thread sleeps in one.
const sleep = `
const { parentPort } = require('node:worker_threads')
const { Script } = require('node:vm')
const sleep = new Script('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)')
for (;;)
  try {
    sleep.runInThisContext({ breakOnSigint: true })
  } catch {
    parentPort.postMessage('SIGINT')
  }
`

/** Calls `interrupted` at every SIGINT, whatever the main thread does. */
export function watchSignal(interrupted: () => void): void {
  new Worker(sleep, { eval: true }).on('message', interrupted)
}
