import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { afterOwnTime } from '../../../runtime/notebook/own-time.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

/** Milliseconds until 10 s of its own have passed for what uses the processor as `used` says; a minute and more is never. */
async function passed(used: () => number | undefined | Promise<number>): Promise<number | 'never'> {
  const started = performance.now()
  let ended: number | undefined
  const release = afterOwnTime(10_000, used, () => {
    ended = performance.now() - started
  })
  await vi.advanceTimersByTimeAsync(60_000)
  release()
  return ended ?? 'never'
}

test.each<[string, () => number | undefined | Promise<number>, number | 'never']>([
  ['rests', () => 5, 10_000],
  ['has the processor to itself', () => performance.now(), 10_000],
  ['has the whole machine', () => 4 * performance.now(), 10_000],
  ['is unknown', () => undefined, 10_000],
  ['shares the processor with four', async () => performance.now() / 4, 38_500], // before the first look it counts as rest
  ['gets nearly nothing of a busy machine', () => performance.now() / 50, 'never'],
])('what %s has its time', async (_, used, expected) => {
  expect(await passed(used)).toBe(expected)
})

test('a watch that is released tells nothing', async () => {
  const done = vi.fn()
  const release = afterOwnTime(1000, () => 0, done)
  await vi.advanceTimersByTimeAsync(900)
  release()
  await vi.advanceTimersByTimeAsync(9000)
  expect(done).not.toHaveBeenCalled()
})
