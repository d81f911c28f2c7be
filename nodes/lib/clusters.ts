/**
 * Connected components of an undirected graph of `n` nodes, given as pairs of nodes: for each node the
 * smallest node of its component. Union-find with path halving: Tarjan & van Leeuwen 1984, "Worst-case
 * analysis of set union algorithms", JACM 31(2), p. 249. Throws a RangeError where the pairs are not of equal
 * number or name a node that is not there.
 */
export const components = (n: number, pairs: Iterable<readonly [ArrayLike<number>, ArrayLike<number>]>): Int32Array => {
  const parent = new Int32Array(n)
  for (let node = 0; node < n; node += 1) parent[node] = node
  const find = (start: number): number => {
    let node = start
    while (parent[node] !== node) {
      const grandparent = parent[parent[node] ?? 0] ?? 0
      parent[node] = grandparent
      node = grandparent
    }
    return node
  }
  for (const [left, right] of pairs) {
    if (left.length !== right.length) throw new RangeError('The pairs do not match.')
    for (let pair = 0; pair < left.length; pair += 1) {
      const [one, other] = [left[pair] ?? -1, right[pair] ?? -1]
      if (!(one >= 0 && one < n && other >= 0 && other < n))
        throw new RangeError(`No nodes ${one} and ${other} of ${n}.`)
      join(parent, find(one), find(other))
    }
  }
  for (let node = 0; node < n; node += 1) parent[node] = find(node)
  return parent
}

/** The smaller root becomes the parent, so that a component's root is its smallest node. */
const join = (parent: Int32Array, one: number, other: number): void => {
  if (one < other) parent[other] = one
  else parent[one] = other
}
