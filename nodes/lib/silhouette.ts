import { type Clustering, type KMeansOptions, kMeans } from './kmeans.ts'
import { squaredDistance } from './lloyd.ts'
import { random } from './random.ts'

/** Rows up to which the silhouette is exact: every pair of rows has to be compared. */
export const silhouetteRows = 2000

// Row numbers in ascending order: all, or a seeded sample.
const sampleOf = (rows: number, seed: number): Int32Array => {
  const all = new Int32Array(rows).map((_, row) => row)
  return rows <= silhouetteRows ? all : random(seed).stream('silhouette').shuffle(all).slice(0, silhouetteRows).sort()
}

/**
 * The mean silhouette of a clustering, −1 to 1: how much nearer rows are to their own cluster than to the next.
 * Rousseeuw 1987, "Silhouettes: a graphical aid to the interpretation and validation of cluster analysis", J. Comput.
 * Appl. Math. 20; a row alone in its cluster counts 0, as there. Exact up to 2,000 rows, on a seeded sample of 2,000 of
 * more. Null unless two clusters have rows (in the sample).
 */
export const silhouette = (
  x: Float64Array,
  { width, k, assignments }: Pick<Clustering, 'width' | 'k' | 'assignments'>,
  seed: number,
): number | null => {
  const rows = sampleOf(assignments.length, seed)
  const n = rows.length
  const sizes = new Int32Array(k)
  for (const row of rows) sizes[assignments[row]!]!++
  if (sizes.filter((size) => size > 0).length < 2) return null

  // Per row the sum of its distances to the rows of each cluster.
  const sums = new Float64Array(n * k)
  for (let i = 0; i < n; i++) {
    const own = assignments[rows[i]!]!
    for (let j = 0; j < i; j++) {
      const distance = Math.sqrt(squaredDistance(x, rows[i]! * width, x, rows[j]! * width, width))
      sums[i * k + assignments[rows[j]!]!]! += distance
      sums[j * k + own]! += distance
    }
  }
  let total = 0
  for (let i = 0; i < n; i++) {
    const own = assignments[rows[i]!]!
    if (sizes[own]! < 2) continue
    const within = sums[i * k + own]! / (sizes[own]! - 1)
    let next = Number.POSITIVE_INFINITY
    for (let c = 0; c < k; c++) if (c !== own && sizes[c]! > 0) next = Math.min(next, sums[i * k + c]! / sizes[c]!)
    const larger = Math.max(within, next)
    if (larger > 0) total += (next - within) / larger
  }
  return total / n
}

export interface ChosenClustering {
  readonly clustering: Clustering
  /** What was tried, by rising k; fewer than asked for where the rows have fewer different values. */
  readonly candidates: readonly { readonly k: number; readonly inertia: number; readonly silhouette: number | null }[]
}

/**
 * k-means with the k from `from` to `to` whose mean silhouette is highest, the smaller of equals. Where all rows are
 * alike there is one cluster and no silhouette. Throws as `kMeans` does and unless 2 ≤ from ≤ to.
 */
export const chooseClusters = (
  x: Float64Array,
  width: number,
  { from, to, ...options }: Omit<KMeansOptions, 'k'> & { from: number; to: number },
): ChosenClustering => {
  if (!(from >= 2 && to >= from)) throw new RangeError(`Needs 2 ≤ from ≤ to, got ${from} to ${to}.`)
  const tried: (ChosenClustering['candidates'][number] & { readonly clustering: Clustering })[] = []
  for (let k = from; k <= to; k++) {
    const clustering = kMeans(x, width, { ...options, k })
    // Beyond the number of different rows every k gives the same clusters again.
    if (clustering.k < k && tried.length > 0) break
    tried.push({
      k: clustering.k,
      inertia: clustering.inertia,
      silhouette: silhouette(x, clustering, options.seed),
      clustering,
    })
    if (clustering.k < k) break
  }
  const best = tried.reduce((a, b) => ((b.silhouette ?? -2) > (a.silhouette ?? -2) ? b : a))
  return { clustering: best.clustering, candidates: tried.map(({ clustering, ...candidate }) => candidate) }
}
