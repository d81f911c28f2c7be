import { random } from './random.ts'

/**
 * Assigns each row to one of `k` folds, 0 to k − 1, so that every stratum (label) is spread over the folds within one
 * row, and so are all rows. Kohavi 1995, "A study of cross-validation and bootstrap for accuracy estimation and model
 * selection", IJCAI: stratified cross-validation. A stratum of fewer than k rows is missing from some folds. Throws a
 * RangeError unless 2 ≤ k ≤ rows.
 */
export const stratifiedFolds = (labels: ArrayLike<number>, k: number, seed: number): Int32Array => {
  if (!(Number.isInteger(k) && k >= 2 && k <= labels.length))
    throw new RangeError(`Needs 2 to ${labels.length} folds (no more than rows), got ${k}.`)
  const strata = new Map<number, number[]>()
  for (let row = 0; row < labels.length; row++) {
    const rows = strata.get(labels[row]!)
    if (rows) rows.push(row)
    else strata.set(labels[row]!, [row])
  }
  const folds = new Int32Array(labels.length)
  const source = random(seed)
  let dealt = 0
  // Dealing goes on from one stratum to the next where it stopped, so that the folds stay equal in size.
  for (const label of [...strata.keys()].sort((a, b) => a - b))
    for (const row of source.stream(label).shuffle(Int32Array.from(strata.get(label) ?? []))) folds[row] = dealt++ % k
  return folds
}
