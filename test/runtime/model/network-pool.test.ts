import { afterEach, describe, expect, test } from 'vitest'
import type { Request } from '../../../runtime/model/network-message.ts'
import { NetworkPool, type PoolOptions } from '../../../runtime/model/network-pool.ts'
import { crossed, specOf } from './network-data.ts'

const pools: NetworkPool[] = []
const poolOf = (options: PoolOptions): NetworkPool => {
  const pool = new NetworkPool(options)
  pools.push(pool)
  return pool
}
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())))

/** A worker made of these lines instead of a network. */
const script = (lines: string) =>
  new URL(`data:text/javascript,${encodeURIComponent(`import { parentPort } from 'node:worker_threads'\n${lines}`)}`)

const training = (epochs = 2): Request & { kind: 'train' } => ({
  kind: 'train',
  spec: specOf(crossed(500, 1), { epochs, patience: epochs }),
  stop: new Int32Array(new SharedArrayBuffer(4)),
})
const endless = 1_000_000

describe('a worker', () => {
  test('is started when it is needed and serves one request after the other', async () => {
    const pool = poolOf({ size: 4 })
    expect(pool.workers).toBe(0)
    for (let i = 0; i < 3; i++) {
      expect((await pool.run(training())).kind).toBe('trained')
      expect(pool.workers).toBe(1)
    }
  })

  test('gets help up to the size of the pool, and the rest waits its turn', async () => {
    const pool = poolOf({ size: 2 })
    const replies = Array.from({ length: 5 }, () => pool.run(training()))
    expect(pool.workers).toBe(2)
    const networks = await Promise.all(replies)
    for (const network of networks) expect(network).toEqual(networks[0])
    expect(pool.workers).toBe(2)
  })
})

describe('a worker that dies', () => {
  test.each<[string, PoolOptions, string]>([
    ['by ending', { file: script('parentPort.on("message", () => process.exit(3))') }, 'it ended with exit code 3'],
    [
      'by an error',
      { file: script('parentPort.on("message", () => { throw new Error("out of luck") })') },
      'out of luck',
    ],
    ['at its start', { file: script('throw new Error("no backend")') }, 'no backend'],
    ['because it is not there', { file: new URL('./no-such-worker.ts', import.meta.url) }, 'Cannot find module'],
    [
      'for want of memory',
      {
        file: script(
          'parentPort.on("message", () => { const kept = []; for (;;) kept.push(new Array(1e5).fill(0.5)) })',
        ),
        worker: { resourceLimits: { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 } },
      },
      'memory limit',
    ],
  ])('%s rejects what it had to do and makes room for the next', async (_, options, reason) => {
    const pool = poolOf({ size: 1, ...options })
    const died = { code: 'MODEL_WORKER_DIED', message: expect.stringContaining(reason) }
    const [first, second] = [pool.run(training()), pool.run(training())]
    await expect(first).rejects.toMatchObject(died)
    await expect(second).rejects.toMatchObject(died)
    expect(pool.workers).toBe(0)
  })

  test('does not take the others with it', async () => {
    // The first request ends this thread, the second is answered by the thread that follows it.
    const once = `parentPort.on('message', ({ stop }) => {
      if (Atomics.exchange(stop, 0, 7) === 0) process.exit(1)
      parentPort.postMessage({ kind: 'predicted', probabilities: new Float32Array([0.5]) })
    })`
    const pool = poolOf({ size: 1, file: script(once) })
    const request = training()
    const [first, second] = [pool.run(request), pool.run(request)]
    await expect(first).rejects.toMatchObject({ code: 'MODEL_WORKER_DIED' })
    expect(await second).toEqual({ kind: 'predicted', probabilities: new Float32Array([0.5]) })
  })
})

describe('a request that is no longer wanted', () => {
  const reason = new Error('Nobody waits for it.')

  test('leaves its worker for the next while it runs', async () => {
    const pool = poolOf({ size: 1 })
    const control = new AbortController()
    const running = pool.run(training(endless), { signal: control.signal, onProgress: () => control.abort(reason) })
    const next = pool.run(training())
    await expect(running).rejects.toBe(reason)
    expect((await next).kind).toBe('trained')
    expect(pool.workers).toBe(1)
  })

  test('is ended by an error of who is told of its progress', async () => {
    const pool = poolOf({ size: 1 })
    const onProgress = () => {
      throw reason
    }
    await expect(pool.run(training(endless), { onProgress })).rejects.toBe(reason)
    expect((await pool.run(training())).kind).toBe('trained')
  })

  test('leaves the queue at once while it waits', async () => {
    const pool = poolOf({ size: 1 })
    const first = new AbortController()
    const second = new AbortController()
    const running = pool.run(training(endless), { signal: first.signal })
    const waiting = pool.run(training(endless), { signal: second.signal })
    second.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    first.abort(reason)
    await expect(running).rejects.toBe(reason)
  })
})

test('closing ends what runs and what waits, and a later request starts again', async () => {
  const pool = poolOf({ size: 1 })
  const requests = [pool.run(training(endless)), pool.run(training(endless))]
  const rejected = requests.map((request) => expect(request).rejects.toMatchObject({ code: 'MODEL_WORKER_DIED' }))
  await pool.close()
  await Promise.all(rejected)
  expect(pool.workers).toBe(0)
  expect((await pool.run(training())).kind).toBe('trained')
})

test('a request that cannot be sent is refused and harms nothing', async () => {
  const pool = poolOf({ size: 1 })
  const request = training()
  const unsendable = { ...request, spec: { ...request.spec, hidden: Object.assign([1], { note: () => {} }) } }
  await expect(pool.run(unsendable)).rejects.toThrow('could not be cloned')
  expect((await pool.run(training())).kind).toBe('trained')
})
