import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { nodeFlags } from './command.ts'
import { isHeld, lockOf, snapshotFile } from './compiler/snapshot.ts'
import type { CheckerAnswer, CheckerRequest } from './compiler/worker.ts'

/** The way to a type checker, wherever it runs. */
export interface CheckerLink {
  post(request: CheckerRequest): void
  close(): void
}

export interface CheckerEvents {
  readonly onAnswer: (answer: CheckerAnswer) => void
  /** That it is gone, and why. */
  readonly onEnd: (reason: string) => void
}

const warmUpFlag = (warmUp: boolean): string[] => (warmUp ? ['--warm-up'] : [])

/** A type checker in a thread of this process. */
export function checkerThread(warmUp: boolean, { onAnswer, onEnd }: CheckerEvents): CheckerLink {
  const worker = new Worker(new URL('./compiler/worker.ts', import.meta.url), { argv: warmUpFlag(warmUp) })
  worker.on('message', onAnswer)
  worker.on('error', ({ message }) => onEnd(message))
  worker.on('exit', (code) => onEnd(`it exited with code ${code}.`))
  return { post: (request) => worker.postMessage(request), close: () => void worker.terminate() }
}

/**
 * A type checker in a process that starts from a snapshot, and ends with this one. A session of its own keeps the
 * signals away that stop a cell.
 */
export function checkerProcess(snapshot: string, warmUp: boolean, { onAnswer, onEnd }: CheckerEvents): CheckerLink {
  const child = spawn(process.execPath, [...nodeFlags, '--snapshot-blob', snapshot, 'checker', ...warmUpFlag(warmUp)], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
    detached: true,
  })
  // Structured clones of what worker.ts sends.
  child.on('message', (answer) => onAnswer(answer as CheckerAnswer))
  child.on('error', ({ message }) => onEnd(message))
  child.on('exit', (code, signal) => onEnd(signal ? `it was ended by ${signal}.` : `it exited with code ${code}.`))
  // Of a failed sending the exit tells as well.
  return { post: (request) => void child.send(request, () => {}), close: () => void child.kill('SIGKILL') }
}

/** Has a snapshot made for the checkers to come, by a process that stays when this one ends, unless one is at work. */
export function prepareSnapshot(): void {
  const file = snapshotFile()
  if (file === undefined || existsSync(file) || isHeld(lockOf(file))) return
  const builder = fileURLToPath(new URL('./compiler/build-snapshot.ts', import.meta.url))
  spawn(process.execPath, [...nodeFlags, builder, '--yield'], { stdio: 'ignore', detached: true }).unref()
}
