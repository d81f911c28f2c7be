// One descent of k-means: Lloyd 1982, "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28, with the bounds
// of Hamerly 2010, "Making k-means even faster", SIAM Data Mining: a row whose own centroid is provably the nearest is
// not compared with the others.

export interface Descent {
  /** Row-major, k × width. */
  readonly centroids: Float64Array
  /** Per row the nearest centroid, the first of equally near ones. */
  readonly assignments: Int32Array
  /** Sum of squared distances to them. */
  readonly inertia: number
  readonly iterations: number
  readonly converged: boolean
}

// Centroids by column, padded to a multiple of four with centroids infinitely far away: `nearest` can then keep four
// distances at a time in registers, whatever the width.
const byColumn = (centroids: Float64Array, width: number): Float64Array => {
  const k = centroids.length / width
  const padded = Math.ceil(k / 4) * 4
  const columns = new Float64Array(padded * width).fill(Number.POSITIVE_INFINITY)
  for (let c = 0; c < k; c++) for (let j = 0; j < width; j++) columns[j * padded + c] = centroids[c * width + j]!
  return columns
}

// The nearest centroid of the row that starts at `at`; `best` receives the squared distances of the two nearest.
const nearest = (x: Float64Array, at: number, width: number, columns: Float64Array, best: Float64Array): number => {
  const padded = columns.length / width
  let first = Number.POSITIVE_INFINITY
  let second = Number.POSITIVE_INFINITY
  let index = 0
  for (let c = 0; c < padded; c += 4) {
    let a = 0
    let b = 0
    let d = 0
    let e = 0
    for (let j = 0, t = c; j < width; j++, t += padded) {
      const value = x[at + j]!
      const p = value - columns[t]!
      const q = value - columns[t + 1]!
      const r = value - columns[t + 2]!
      const s = value - columns[t + 3]!
      a += p * p
      b += q * q
      d += r * r
      e += s * s
    }
    second = Math.min(second, Math.max(first, a))
    if (a < first) {
      first = a
      index = c
    }
    second = Math.min(second, Math.max(first, b))
    if (b < first) {
      first = b
      index = c + 1
    }
    second = Math.min(second, Math.max(first, d))
    if (d < first) {
      first = d
      index = c + 2
    }
    second = Math.min(second, Math.max(first, e))
    if (e < first) {
      first = e
      index = c + 3
    }
  }
  best[0] = first
  best[1] = second
  return index
}

/** The squared Euclidean distance of two rows, given by where they start. */
export const squaredDistance = (x: Float64Array, at: number, y: Float64Array, from: number, width: number): number => {
  let sum = 0
  for (let j = 0; j < width; j++) {
    const difference = x[at + j]! - y[from + j]!
    sum += difference * difference
  }
  return sum
}

interface State {
  readonly centroids: Float64Array
  readonly assignments: Int32Array
  /** Per row: no farther than this from its own centroid. */
  readonly upper: Float64Array
  /** Per row: no other centroid nearer than this. */
  readonly lower: Float64Array
  /** Of each centroid's rows, kept up to date as rows change hands. */
  readonly sums: Float64Array
  readonly counts: Int32Array
}

// Compares every row with every centroid; gives the inertia.
const assignAll = (x: Float64Array, width: number, state: State): number => {
  const { centroids, assignments, upper, lower, sums, counts } = state
  const columns = byColumn(centroids, width)
  const best = new Float64Array(2)
  sums.fill(0)
  counts.fill(0)
  let inertia = 0
  for (let row = 0, at = 0; row < assignments.length; row++, at += width) {
    const own = nearest(x, at, width, columns, best)
    assignments[row] = own
    counts[own]!++
    for (let j = 0; j < width; j++) sums[own * width + j]! += x[at + j]!
    upper[row] = Math.sqrt(best[0]!)
    lower[row] = Math.sqrt(best[1]!)
    inertia += best[0]!
  }
  return inertia
}

// Half the distance of each centroid to the nearest other one: a row closer than that to its own needs no comparison.
const halfGaps = (centroids: Float64Array, width: number): Float64Array =>
  new Float64Array(centroids.length / width).map((_, c, gaps) => {
    let least = Number.POSITIVE_INFINITY
    for (let other = 0; other < gaps.length; other++)
      if (other !== c) least = Math.min(least, squaredDistance(centroids, c * width, centroids, other * width, width))
    return Math.sqrt(least) / 2
  })

// Per centroid, the farthest that any other one has moved.
const movesOfOthers = (moves: Float64Array): Float64Array => {
  const farthest = moves.indexOf(Math.max(...moves))
  const next = Math.max(0, ...moves.filter((_, c) => c !== farthest))
  return moves.map((_, c) => (c === farthest ? next : moves[farthest]!))
}

// Brings the assignments up to date with centroids that have moved by `moves`.
const reassign = (x: Float64Array, width: number, state: State, moves: Float64Array): void => {
  const { centroids, assignments, upper, lower, sums, counts } = state
  const columns = byColumn(centroids, width)
  const gaps = halfGaps(centroids, width)
  const others = movesOfOthers(moves)
  const best = new Float64Array(2)
  for (let row = 0; row < assignments.length; row++) {
    const own = assignments[row]!
    const bound = lower[row]! - others[own]!
    const least = Math.max(gaps[own]!, bound)
    let reach = upper[row]! + moves[own]!
    upper[row] = reach
    lower[row] = bound
    if (reach <= least) continue
    const at = row * width
    reach = Math.sqrt(squaredDistance(x, at, centroids, own * width, width))
    upper[row] = reach
    if (reach <= least) continue
    const now = nearest(x, at, width, columns, best)
    upper[row] = Math.sqrt(best[0]!)
    lower[row] = Math.sqrt(best[1]!)
    if (now === own) continue
    assignments[row] = now
    counts[own]!--
    counts[now]!++
    for (let j = 0; j < width; j++) {
      sums[own * width + j]! -= x[at + j]!
      sums[now * width + j]! += x[at + j]!
    }
  }
}

// Puts centroids that have lost their rows on the rows farthest from their own centroids, as long as there are any.
const reseed = (x: Float64Array, width: number, { centroids, assignments, counts }: State): void => {
  const chosen = new Set<number>()
  counts.forEach((count, c) => {
    if (count > 0) return
    let farthest = -1
    let most = 0
    for (let row = 0; row < assignments.length; row++) {
      const distance = squaredDistance(x, row * width, centroids, assignments[row]! * width, width)
      if (distance <= most || chosen.has(row)) continue
      farthest = row
      most = distance
    }
    if (farthest < 0) return
    chosen.add(farthest)
    centroids.set(x.subarray(farthest * width, (farthest + 1) * width), c * width)
  })
}

// Moves each centroid to the mean of its rows; says how far each moved.
const update = (x: Float64Array, width: number, state: State): Float64Array => {
  const { centroids, sums, counts } = state
  const before = centroids.slice()
  counts.forEach((count, c) => {
    // Without rows the sums are what rounding left of them.
    if (count === 0) sums.fill(0, c * width, (c + 1) * width)
    else for (let j = c * width; j < (c + 1) * width; j++) centroids[j] = sums[j]! / count
  })
  if (counts.includes(0)) reseed(x, width, state)
  return Float64Array.from(counts, (_, c) => Math.sqrt(squaredDistance(before, c * width, centroids, c * width, width)))
}

/**
 * Moves `start` (row-major, k × width) until the squared moves of all centroids sum to at most `tolerance`, or
 * `maxIterations` are done, and assigns every row of `x` (rows × width) to the nearest of the centroids then reached.
 */
export const descend = (
  x: Float64Array,
  width: number,
  start: Float64Array,
  { maxIterations, tolerance }: { maxIterations: number; tolerance: number },
): Descent => {
  const rows = x.length / width
  const state: State = {
    centroids: start.slice(),
    assignments: new Int32Array(rows),
    upper: new Float64Array(rows),
    lower: new Float64Array(rows),
    sums: new Float64Array(start.length),
    counts: new Int32Array(start.length / width),
  }
  assignAll(x, width, state)
  let iterations = 0
  let converged = false
  while (iterations < maxIterations && !converged) {
    iterations++
    const moves = update(x, width, state)
    converged = moves.reduce((sum, move) => sum + move * move, 0) <= tolerance
    if (!converged && iterations < maxIterations) reassign(x, width, state, moves)
  }
  // Once more in full, so that no rounding of a bound decides where a row belongs.
  const inertia = assignAll(x, width, state)
  return { centroids: state.centroids, assignments: state.assignments, inertia, iterations, converged }
}
