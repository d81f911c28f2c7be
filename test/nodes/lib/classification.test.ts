import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { auc, brier, logLoss, rankScores, rocCurve } from '../../../nodes/lib/classification.ts'
import { random } from '../../../nodes/lib/random.ts'
import { labels, probabilities, tiedScores } from './scored.ts'

const scored = (minLength = 0) =>
  fc
    .array(fc.tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: 0, max: 1 })), { minLength })
    .map((rows) => ({ scores: rows.map(([score]) => score), labels: rows.map(([, label]) => label) }))

describe('rankScores', () => {
  test('merges customers of the same score, −0 and 0 among them, highest first', () => {
    const ranking = rankScores(Float64Array.of(0, 2, -0, 2, 1, -Infinity), Int32Array.of(1, 0, 0, 1, 1, 0))
    expect(ranking).toEqual({
      n: 6,
      cases: 3,
      scores: Float64Array.of(2, 1, ranking.scores[2] ?? 0, -Infinity),
      counts: Int32Array.of(2, 1, 2, 1),
      stepCases: Int32Array.of(1, 1, 1, 0),
    })
    expect(Math.abs(ranking.scores[2] ?? 9)).toBe(0)
  })

  test('refuses what cannot be ranked', () => {
    expect(() => rankScores([1, 2], [1])).toThrow('as many labels')
    expect(() => rankScores([1, Number.NaN], [1, 0])).toThrow('row 1 is not a number')
    expect(() => rankScores([1, 2], [1, 2])).toThrow('row 1 has 2')
    expect(() => rankScores([1, 2], [1, Number.NaN])).toThrow(RangeError)
  })
})

describe('auc', () => {
  // sklearn.metrics.roc_auc_score
  test('of 200 customers, without and with ties', () => {
    expect(auc(rankScores(probabilities, labels))).toBeCloseTo(0.7327732773277328, 14)
    expect(auc(rankScores(tiedScores, labels))).toBeCloseTo(0.7288228822882288, 14)
  })

  test('Hanley & McNeil 1982, table I: ratings of 109 images', () => {
    // Rating 1 to 5 of 58 normal and 51 abnormal images; they give 0.893.
    const rows = [
      [33, 3],
      [6, 2],
      [6, 2],
      [11, 11],
      [2, 33],
    ].flatMap(([normal = 0, abnormal = 0], rating) => [
      ...Array.from({ length: normal }, () => [rating, 0] as const),
      ...Array.from({ length: abnormal }, () => [rating, 1] as const),
    ])
    const ranking = rankScores(
      rows.map(([rating]) => rating),
      rows.map(([, label]) => label),
    )
    expect(auc(ranking)).toBeCloseTo(0.893, 3)
  })

  test('is 1, 0 and ½ at its ends, and nothing where a class is missing', () => {
    expect(auc(rankScores([1, 2, 3, 4], [0, 0, 1, 1]))).toBe(1)
    expect(auc(rankScores([1, 2, 3, 4], [1, 1, 0, 0]))).toBe(0)
    expect(auc(rankScores([7, 7, 7], [1, 0, 0]))).toBe(0.5)
    expect([auc(rankScores([1, 2], [1, 1])), auc(rankScores([1, 2], [0, 0])), auc(rankScores([], []))]).toEqual([
      null,
      null,
      null,
    ])
  })

  test('is the share of pairs in the right order', () => {
    fc.assert(
      fc.property(scored(), ({ scores, labels }) => {
        let [wins, pairs] = [0, 0]
        scores.forEach((own, i) => {
          scores.forEach((other, j) => {
            if (labels[i] !== 1 || labels[j] !== 0) return
            pairs++
            wins += own > other ? 1 : own === other ? 0.5 : 0
          })
        })
        const value = auc(rankScores(scores, labels))
        if (pairs === 0) expect(value).toBeNull()
        else expect(value).toBeCloseTo(wins / pairs, 12)
      }),
    )
  })

  test('does not change with a rising transform or the order of rows, and mirrors with a falling one', () => {
    fc.assert(
      fc.property(scored(1), fc.integer(), ({ scores, labels }, seed) => {
        const value = auc(rankScores(scores, labels))
        fc.pre(value !== null)
        expect(
          auc(
            rankScores(
              scores.map((s) => Math.exp(s) * 3 - 7),
              labels,
            ),
          ),
        ).toBe(value)
        expect(
          auc(
            rankScores(
              scores.map((s) => -s),
              labels,
            ),
          ),
        ).toBeCloseTo(1 - (value ?? 0), 12)
        const order = random(seed).shuffle(Int32Array.from(scores, (_, i) => i))
        const shuffled = (values: number[]) => Array.from(order, (i) => values[i] ?? 0)
        expect(auc(rankScores(shuffled(scores), shuffled(labels)))).toBe(value)
      }),
    )
  })
})

describe('logLoss and brier', () => {
  // sklearn.metrics.log_loss and brier_score_loss
  test('of 200 customers', () => {
    expect(logLoss(probabilities, labels)).toBeCloseTo(0.6023142276346014, 13)
    expect(brier(probabilities, labels)).toBeCloseTo(0.20992859744663833, 13)
  })

  test('a certain mistake costs much, not everything', () => {
    expect(logLoss([0], [1])).toBeCloseTo(-Math.log(1e-15), 9)
    expect(logLoss([1], [0])).toBeCloseTo(-Math.log(1e-15), 1)
    expect(logLoss([1], [1])).toBeCloseTo(0, 14)
    expect([brier([1], [0]), brier([1], [1]), brier([0.5], [1])]).toEqual([1, 0, 0.25])
  })

  test('there is none of nothing, and none of what is no label', () => {
    expect([logLoss([], []), brier([], [])]).toEqual([null, null])
    for (const measure of [logLoss, brier]) {
      expect(() => measure([0.5], [2])).toThrow(RangeError)
      expect(() => measure([Number.NaN], [1])).toThrow(RangeError)
      expect(() => measure([0.5], [])).toThrow(RangeError)
    }
  })
})

describe('rocCurve', () => {
  test('has every point of a small ranking', () => {
    expect(rocCurve(rankScores([0.9, 0.8, 0.8, 0.1], [1, 0, 1, 0]))).toEqual([
      { falsePositiveRate: 0, truePositiveRate: 0, threshold: Infinity },
      { falsePositiveRate: 0, truePositiveRate: 0.5, threshold: 0.9 },
      { falsePositiveRate: 0.5, truePositiveRate: 1, threshold: 0.8 },
      { falsePositiveRate: 1, truePositiveRate: 1, threshold: 0.1 },
    ])
    expect(rocCurve(rankScores([1], [1]))).toEqual([])
  })

  test('is thinned to the limit and keeps ends and area', () => {
    const { uniform } = random(9)
    const scores = Float64Array.from({ length: 20_000 }, uniform)
    const ranking = rankScores(
      scores,
      scores.map((score) => (uniform() < score ** 2 ? 1 : 0)),
    )
    const points = rocCurve(ranking)
    expect(points.length).toBeLessThanOrEqual(200)
    expect(points.length).toBeGreaterThan(150)
    expect(points.at(-1)).toMatchObject({ falsePositiveRate: 1, truePositiveRate: 1 })
    let area = 0
    points.forEach((point, i) => {
      const before = points[i - 1]
      if (!before) return
      expect(point.threshold).toBeLessThan(before.threshold)
      area +=
        ((point.falsePositiveRate - before.falsePositiveRate) * (point.truePositiveRate + before.truePositiveRate)) / 2
    })
    expect(area).toBeCloseTo(auc(ranking) ?? 0, 3)
  })

  test('never passes its limit', () => {
    fc.assert(
      fc.property(scored(1), fc.integer({ min: 3, max: 12 }), ({ scores, labels }, limit) => {
        const spread = scores.map((score, i) => score + i / 1000)
        expect(rocCurve(rankScores(spread, labels), limit).length).toBeLessThanOrEqual(limit)
      }),
    )
  })
})
