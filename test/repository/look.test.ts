import { expect, test } from 'vitest'
import { code, linesLike, text } from './files.ts'

test('no file is longer than three hundred lines', () => {
  // Nobody edits what is generated.
  const written = code.filter((file) => !file.endsWith('.generated.ts'))
  const long = written.filter((file) => text(file).split('\n').length > 301)
  expect(long).toEqual([])
})

/** Those that name what they look for. */
const rules = /^test\/repository\//
const ruled = code.filter((file) => !rules.test(file))

test('nothing is left unfinished or unchecked without a reason beside it', () => {
  // Biome refuses `any` itself.
  expect(linesLike(ruled, /\b(TODO|FIXME|XXX)\b|@ts-ignore|@ts-nocheck|\.only\(/)).toEqual([])
})

test('a lint suppression says why on its line', () => {
  expect(linesLike(ruled, /biome-ignore(?![^:]*: .{10})/)).toEqual([])
})

test('no test waits for time to pass', () => {
  // A benchmark that keeps a pace waits for the moment of the next request.
  const tests = ruled.filter((file) => file.startsWith('test/') && !file.startsWith('test/bench/'))
  const waiting = /setTimeout\(|timers\/promises|\bsleep\(|Atomics\.wait/
  expect(tests.filter((file) => waiting.test(text(file)))).toEqual([])
})

test('a test that is of the slow tier says why in its first line', () => {
  const slow = code.filter((file) => /\.(slow|both)\.test\.ts$/.test(file))
  expect(slow.filter((file) => !/^\/\/ Slow: .{10,}\.\n/.test(text(file)))).toEqual([])
})
