import { type Descent, descend, squaredDistance } from './lloyd.ts'
import { type Random, random } from './random.ts'

export interface KMeansOptions {
  /** Clusters wanted. */
  readonly k: number
  readonly seed: number
  /** Starts from different centroids, the best result of which is kept; 10 by default. */
  readonly restarts?: number
  /** Of one start; 100 by default. */
  readonly maxIterations?: number
  /** A start ends when the squared moves of all centroids sum to at most this × the mean variance; 1e-6 by default. */
  readonly tolerance?: number
}

export interface Clustering {
  /** Clusters found: fewer than asked for where there are fewer different rows. */
  readonly k: number
  readonly width: number
  /** Row-major, k × width. */
  readonly centroids: Float64Array
  readonly sizes: Int32Array
  /** Per row its cluster, 0 to k − 1. */
  readonly assignments: Int32Array
  /** Sum of the squared distances of rows to their centroids. */
  readonly inertia: number
  /** Of the start that was kept. */
  readonly iterations: number
  readonly converged: boolean
}

const checkRows = (x: Float64Array, width: number): void => {
  if (!(Number.isInteger(width) && width >= 1 && x.length > 0 && x.length % width === 0))
    throw new RangeError(`Needs at least one row of ${width} numbers, got ${x.length} numbers.`)
  for (let i = 0; i < x.length; i++)
    // Also false for NaN. What is larger cannot be squared and summed.
    if (!(Math.abs(x[i]!) <= 1e140))
      throw new RangeError(`Row ${Math.floor(i / width)}, column ${i % width} is ${x[i]}, not a number within ±1e140.`)
}

const meanVariance = (x: Float64Array, width: number): number => {
  const sums = new Float64Array(width)
  for (let at = 0; at < x.length; at += width) for (let j = 0; j < width; j++) sums[j]! += x[at + j]!
  const means = sums.map((sum) => sum / (x.length / width))
  let squares = 0
  for (let at = 0; at < x.length; at += width)
    for (let j = 0; j < width; j++) {
      const difference = x[at + j]! - means[j]!
      squares += difference * difference
    }
  return squares / x.length
}

// Arthur & Vassilvitskii 2007, "k-means++: the advantages of careful seeding", SODA: each next centroid is a row drawn
// with a chance proportional to its squared distance from those already chosen. Stops where no row is left off them.
const plusPlus = (x: Float64Array, width: number, k: number, source: Random): Float64Array => {
  const rows = x.length / width
  const chosen = [source.integer(rows)]
  const distances = new Float64Array(rows).fill(Number.POSITIVE_INFINITY)
  while (chosen.length < k) {
    const latest = chosen[chosen.length - 1]! * width
    let total = 0
    for (let row = 0; row < rows; row++) {
      const distance = squaredDistance(x, row * width, x, latest, width)
      if (distance < distances[row]!) distances[row] = distance
      total += distances[row]!
    }
    if (total === 0) break
    let left = source.uniform() * total
    let drawn = -1
    for (let row = 0; row < rows && left >= 0; row++) {
      // A row on a centroid is never drawn, not even where rounding leaves something over at the end.
      if (distances[row] === 0) continue
      drawn = row
      left -= distances[row]!
    }
    chosen.push(drawn)
  }
  return Float64Array.from({ length: chosen.length * width }, (_, i) => {
    return x[chosen[Math.floor(i / width)]! * width + (i % width)]!
  })
}

const sizesOf = (assignments: Int32Array, k: number): Int32Array => {
  const sizes = new Int32Array(k)
  for (let row = 0; row < assignments.length; row++) sizes[assignments[row]!]!++
  return sizes
}

/**
 * The same clustering with its clusters numbered anew: `order` lists the present numbers, new number 0 first. A number
 * left out must belong to an empty cluster. For an order that means something to the reader, such as by spend.
 */
export const renumber = (clustering: Clustering, order: readonly number[]): Clustering => {
  const { width, centroids, sizes, assignments } = clustering
  const places = new Int32Array(clustering.k).fill(-1)
  for (const [rank, old] of order.entries()) {
    if (places[old] !== -1) throw new RangeError(`Cluster ${old} does not exist or is listed twice.`)
    places[old] = rank
  }
  const missing = sizes.findIndex((size, old) => size > 0 && places[old] === -1)
  if (missing >= 0) throw new RangeError(`The order leaves out cluster ${missing}, which has rows.`)
  return {
    ...clustering,
    k: order.length,
    centroids: Float64Array.from(order.flatMap((old) => [...centroids.subarray(old * width, (old + 1) * width)])),
    sizes: Int32Array.from(order, (old) => sizes[old]!),
    assignments: assignments.map((old) => places[old]!),
  }
}

// Largest first; of equal sizes the one whose centroid comes first by its first differing coordinate.
const bySize = ({ k, width, sizes, centroids }: Clustering): number[] =>
  Array.from({ length: k }, (_, c) => c)
    .filter((c) => sizes[c]! > 0)
    .sort((a, b) => {
      if (sizes[a] !== sizes[b]) return sizes[b]! - sizes[a]!
      for (let j = 0; j < width; j++) {
        const difference = centroids[a * width + j]! - centroids[b * width + j]!
        if (difference !== 0) return difference
      }
      return a - b
    })

/** Rows up to which every start works on all of them. */
const startRows = 20_000

// A seeded sample of the rows, in their order.
const sampleOf = (x: Float64Array, width: number, source: Random): Float64Array => {
  const all = new Int32Array(x.length / width).map((_, row) => row)
  const drawn = source.shuffle(all).slice(0, startRows).sort()
  const sample = new Float64Array(drawn.length * width)
  drawn.forEach((row, i) => {
    sample.set(x.subarray(row * width, (row + 1) * width), i * width)
  })
  return sample
}

/**
 * k-means on `x`, row-major rows × width, seeded by k-means++ and improved by Lloyd's iterations, the best of several
 * starts. Beyond 20,000 rows the starts are made on a seeded sample of so many, and the best goes on with all rows, as
 * in Bradley & Fayyad 1998, "Refining initial points for k-means clustering", ICML. A centroid that loses all its rows
 * starts again on the row farthest from its own. Clusters are numbered by size, the largest 0 (`renumber` for another
 * order). The same seed gives the same result, and up to 20,000 rows more restarts never a worse one. Throws a
 * RangeError on no rows, on NaN, infinite or huge numbers, and unless k is whole, from 1 up.
 */
export const kMeans = (
  x: Float64Array,
  width: number,
  { k, seed, restarts = 10, maxIterations = 100, tolerance = 1e-6 }: KMeansOptions,
): Clustering => {
  checkRows(x, width)
  for (const count of [k, restarts, maxIterations])
    if (!(Number.isInteger(count) && count >= 1))
      throw new RangeError(`k, restarts and maxIterations are whole numbers from 1 up, got ${count}.`)
  const limits = { maxIterations, tolerance: tolerance * meanVariance(x, width) }
  const source = random(seed)
  const bestOn = (rows: Float64Array): Descent => {
    let best: Descent | undefined
    for (let number = 0; number < restarts; number++) {
      const next = descend(rows, width, plusPlus(rows, width, k, source.stream(number)), limits)
      if (!best || next.inertia < best.inertia) best = next
    }
    return best! // restarts is at least 1
  }
  const large = x.length / width > startRows
  const onSample = large ? bestOn(sampleOf(x, width, source.stream('sample'))) : undefined
  // A sample may lack the few rows that differ from all others.
  const enough = onSample !== undefined && onSample.centroids.length === k * width
  const best = enough ? descend(x, width, onSample.centroids, limits) : bestOn(x)
  const clusters = best.centroids.length / width
  const clustering = { ...best, k: clusters, width, sizes: sizesOf(best.assignments, clusters) }
  return renumber(clustering, bySize(clustering))
}
