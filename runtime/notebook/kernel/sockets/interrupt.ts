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

// An interrupt is dealt with by the session, where it listens, or else by cutting off what it computes. Never by both:
// a session that has begun to stop its work must not be cut off in the middle of that.

const [open, handled, cutting, cut] = [0, 1, 2, 3]

/** An interrupt that nobody deals with yet, shared by the threads. */
export const newTurn = (): Int32Array => new Int32Array(new SharedArrayBuffer(4))

/** The session deals with the interrupt; where it is just being cut off, it stays here until that has happened. */
export function takeTurn(turn: Int32Array): void {
  if (Atomics.compareExchange(turn, 0, open, handled) === open) return
  // In short waits, so that the cut comes through.
  while (Atomics.load(turn, 0) === cutting) Atomics.wait(turn, 0, cutting, 20)
}

/** Whether the session may be cut off, because it has not listened. Then `finishCut` must follow. */
export const mayCut = (turn: Int32Array): boolean => Atomics.compareExchange(turn, 0, open, cutting) === open

export function finishCut(turn: Int32Array): void {
  Atomics.store(turn, 0, cut)
  Atomics.notify(turn, 0)
}
