import { expect, test } from 'vitest'
import { holm } from '../../../nodes/lib/holm.ts'

// R: p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "holm"), and the same for other orders and one p alone.
test('adjusts as R does', () => {
  expect(holm([0.01, 0.02, 0.03, 0.04, 0.05])).toEqual([0.05, 0.08, 0.09, 0.09, 0.09])
  expect(holm([0.04, 0.01, 0.5])).toEqual([0.08, 0.03, 0.5])
  expect(holm([0.6, 0.7])).toEqual([1, 1])
  expect(holm([0.03])).toEqual([0.03])
})

test('a test that was not possible is no test', () => {
  expect(holm([null, 0.01, null, 0.04])).toEqual([null, 0.02, null, 0.04])
  expect(holm([null])).toEqual([null])
  expect(holm([])).toEqual([])
})
