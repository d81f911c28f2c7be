import { describe, expect, test } from 'vitest'
import { calibration } from '../../../nodes/lib/calibration.ts'
import { rankScores } from '../../../nodes/lib/classification.ts'
import { labels, probabilities } from './scored.ts'

describe('calibration', () => {
  test('of 200 customers in ten bins, by numpy', () => {
    const { bins, expectedError } = calibration(rankScores(probabilities, labels))
    expect(bins.map(({ n }) => n)).toEqual(Array.from({ length: 10 }, () => 20))
    expect(bins[0]?.meanProbability).toBeCloseTo(0.13849849779322287, 13)
    expect(bins[0]?.observed).toBeCloseTo(0.1, 13)
    expect(bins[9]?.meanProbability).toBeCloseTo(0.8159831149099311, 13)
    expect(expectedError).toBeCloseTo(0.0734915213260986, 13)
  })

  test('is perfect where every probability comes true, and 1 where every certainty is wrong', () => {
    const halves = rankScores([0.5, 0.5, 0.5, 0.5, 0, 0], [1, 0, 1, 0, 0, 0])
    expect(calibration(halves, 3).expectedError).toBeCloseTo(0, 14)
    expect(calibration(rankScores([1, 0], [0, 1]), 2).expectedError).toBe(1)
  })

  test('of nothing there is none', () => {
    expect(calibration(rankScores([], []))).toEqual({ bins: [], expectedError: null })
    expect(calibration(rankScores([0.3], [1])).bins).toEqual([{ n: 1, meanProbability: 0.3, observed: 1 }])
  })
})
