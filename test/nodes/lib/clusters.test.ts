import fc from 'fast-check'
import { expect, test } from 'vitest'
import { components } from '../../../nodes/lib/clusters.ts'

// An independent way to the same: walk from every node in rising order.
const byWalking = (n: number, pairs: readonly (readonly [number, number])[]): number[] => {
  const clusterOf = new Array<number>(n).fill(-1)
  for (let start = 0; start < n; start += 1) {
    const open = clusterOf[start] === -1 ? [start] : []
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (clusterOf[node] !== -1) continue
      clusterOf[node] = start
      for (const [one, other] of pairs) {
        if (one === node) open.push(other)
        if (other === node) open.push(one)
      }
    }
  }
  return clusterOf
}

test('components are those that walking the graph finds, named by their smallest node', () => {
  const graphs = fc
    .integer({ min: 1, max: 40 })
    .chain((n) => fc.tuple(fc.constant(n), fc.array(fc.tuple(fc.nat(n - 1), fc.nat(n - 1)), { maxLength: 60 })))
  fc.assert(
    fc.property(graphs, ([n, pairs]) => {
      const left = pairs.map(([one]) => one)
      const right = pairs.map(([, other]) => other)
      expect([...components(n, [[left, right]])]).toEqual(byWalking(n, pairs))
    }),
  )
})

test('pairs of several lists are closed over together', () => {
  expect([
    ...components(5, [
      [[0], [3]],
      [[3], [4]],
    ]),
  ]).toEqual([0, 1, 2, 0, 0])
  expect([...components(0, [])]).toEqual([])
})

test('a chain of a million nodes is one component', () => {
  const n = 1_000_000
  const left = Int32Array.from({ length: n - 1 }, (_, node) => node + 1)
  const roots = components(n, [[left, left.map((node) => node - 1)]])
  expect(roots.every((root) => root === 0)).toBe(true)
})

test('pairs that do not match or name nobody are refused', () => {
  expect(() => components(2, [[[0], []]])).toThrow(RangeError)
  expect(() => components(2, [[[0], [2]]])).toThrow(RangeError)
  expect(() => components(2, [[[Number.NaN], [1]]])).toThrow(RangeError)
})
