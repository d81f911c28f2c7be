// Two hundred customers with a made-up outcome; scikit-learn was given the same numbers for the reference values.
const row = Array.from({ length: 200 }, (_, i) => i)

/** Row-major, 200 × 3. */
export const design = Float64Array.from(
  row.flatMap((i) => [Math.sin(i * 0.7), 2 * Math.cos(i * 1.3), i % 5 === 0 ? 1 : 0]),
)

const column = (i: number, j: number): number => design[i * 3 + j] ?? Number.NaN

export const probabilities = Float64Array.from(row, (i) => {
  const logit = 0.8 * column(i, 0) - 0.5 * column(i, 1) + 1.2 * column(i, 2) - 0.4
  return 1 / (1 + Math.exp(-logit))
})

/** 99 cases. */
export const labels = Uint8Array.from(row, (i) => (((i * 7919) % 1009) / 1009 < (probabilities[i] ?? 0) ? 1 : 0))

/** 19 different scores. */
export const tiedScores = Float64Array.from(row, (i) => {
  return Math.round((column(i, 0) - 0.4 * column(i, 1) + column(i, 2)) * 4) / 4
})
