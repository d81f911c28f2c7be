import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { layoutGraph } from '../../../runtime/html/graph-layout.ts'

const spacing = { step: 80, bend: 14 }

describe('layout of a flow', () => {
  test('steps stand one layer behind the last of their sources', () => {
    const { steps, layers } = layoutGraph([[], [], [0, 1], [2], [3, 1]], spacing)
    expect(steps.map(({ layer }) => layer)).toEqual([0, 0, 1, 2, 3])
    expect(layers).toBe(4)
  })

  test('a chain is a straight line', () => {
    const { steps, breadth } = layoutGraph([[], [0], [1], [2]], spacing)
    expect(steps.map(({ position }) => position)).toEqual([40, 40, 40, 40])
    expect(breadth).toBe(80)
  })

  test('an edge over several layers bends around the steps between', () => {
    const { edges } = layoutGraph([[], [0], [1], [0, 2]], spacing)
    const long = edges.find((edge) => edge.length === 4)
    expect(long?.map(({ layer }) => layer)).toEqual([0, 1, 2, 3])
  })

  test('two crossed pairs are uncrossed', () => {
    // 0 feeds 3 and 1 feeds 2: in the order they are listed the edges would cross.
    const { steps } = layoutGraph([[], [], [1], [0]], spacing)
    const [a, b, afterB, afterA] = steps.map(({ position }) => position)
    expect(Math.sign((a ?? 0) - (b ?? 0))).toBe(Math.sign((afterA ?? 0) - (afterB ?? 0)))
  })

  test('no steps, a circle, a step of its own and an unknown source do not break it', () => {
    expect(layoutGraph([], spacing)).toMatchObject({ layers: 0, breadth: 0, steps: [], edges: [] })
    expect(layoutGraph([[1], [0], [2, 7, -1]], spacing).steps).toHaveLength(3)
  })

  test('steps of one layer never overlap, edges always lead forward, nothing leaves the drawing', () => {
    const graph = fc
      .integer({ min: 1, max: 14 })
      .chain((count) => fc.tuple(...Array.from({ length: count }, () => fc.array(fc.nat(count - 1), { maxLength: 4 }))))
    fc.assert(
      fc.property(graph, (sources) => {
        const { steps, edges, breadth } = layoutGraph(sources, spacing)
        for (const [index, one] of steps.entries())
          for (const other of steps.slice(index + 1))
            if (one.layer === other.layer)
              expect(Math.abs(one.position - other.position)).toBeGreaterThanOrEqual(80 - 1e-6)
        for (const edge of edges)
          expect(edge.map(({ layer }) => layer - (edge[0]?.layer ?? 0))).toEqual([...edge.keys()])
        for (const { position } of [...steps, ...edges.flat()]) {
          expect(position).toBeGreaterThanOrEqual(0)
          expect(position).toBeLessThanOrEqual(breadth)
        }
      }),
      { numRuns: 200 },
    )
  })
})
