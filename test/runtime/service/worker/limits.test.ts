import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { MemoryLimit, residentBytes } from '../../../../runtime/service/worker/limits.ts'

const mebibyte = 2 ** 20

/** A process that takes little and has started one that takes much, as a run has a notebook's kernel. */
const parent = (megabytes: number): ChildProcess => {
  const taking = `globalThis.taken = Buffer.alloc(${megabytes * mebibyte}, 1); console.log(process.pid); process.stdin.resume()`
  const starting = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(taking)}],
    { stdio: ['pipe', 'inherit', 'inherit'], detached: true })`
  return spawn(process.execPath, ['-e', starting], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** The id of the process below, which has its memory by then. */
const childOf = async ({ stdout }: ChildProcess): Promise<number> => {
  if (!stdout) throw new Error('It has no output.')
  const [said] = await once(stdout, 'data')
  return Number(String(said))
}

test.runIf(process.platform === 'linux')('what a process has started counts as its own, and ends with it', async () => {
  const started = parent(200)
  const ended = once(started, 'exit')
  const child = await childOf(started)
  expect(residentBytes(child)).toBeGreaterThan(200 * mebibyte)
  expect(residentBytes(started.pid)).toBeGreaterThan(residentBytes(child))
  // The child holds its parent's output open for as long as it lives.
  const closed = once(started, 'close')
  const limit = new MemoryLimit({ pid: started.pid, kill: () => void started.kill('SIGKILL') }, 150 * mebibyte)
  limit.start()
  await ended
  await closed
  limit.stop()
  expect(limit.exceeded?.code).toBe('RUN_MEMORY')
  expect(residentBytes(child)).toBe(0)
})

test('a process that is not there takes nothing', () => {
  expect(residentBytes(undefined)).toBe(0)
  expect(residentBytes(2 ** 22 + 1)).toBe(0)
})
