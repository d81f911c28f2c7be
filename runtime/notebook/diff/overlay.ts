import { isDeepStrictEqual } from 'node:util'
import type { Figure } from '../../../nodes/node.ts'
import { palette, traceColours } from '../../html/palette.ts'
import { metadataPart } from '../nbformat/cells.ts'

type Trace = Figure['data'][number]

// Kinds of traces that can stand on one pair of axes without hiding each other.
const laidOver = new Set(['scatter', 'bar', 'histogram', 'box', 'violin'])

const kindOf = ({ type = 'scatter' }: Trace): string => String(type)

const isStacked = ({ layout = {} }: Figure): boolean =>
  layout.barmode === 'stack' || layout.barmode === 'relative' || layout.barmode === 'overlay'

/** True where two figures have the same traces in the same order, of kinds that can share their axes. */
const match = (a: Figure, b: Figure): boolean =>
  a.data.length > 0 &&
  a.data.length === b.data.length &&
  a.data.length <= 6 &&
  !isStacked(a) &&
  a.data.every((trace, index) => {
    const other = b.data[index]
    return other && laidOver.has(kindOf(trace)) && kindOf(trace) === kindOf(other) && trace.name === other.name
  })

// A single trace is told apart by colour alone: the earlier run steps back.
const alone = { A: palette.note, B: traceColours[0] }

const nameOf = ({ name }: Trace, run: 'A' | 'B'): string =>
  typeof name === 'string' && name ? `${name} – ${run}` : run

const styled = (trace: Trace, index: number, run: 'A' | 'B', single: boolean): Trace => {
  const color = single ? alone[run] : traceColours[index]
  const { fill: _, fillcolor: __, error_x: ___, error_y: ____, text: _____, ...plain } = trace
  const line = {
    ...metadataPart(trace, 'line'),
    color,
    ...(run === 'A' && kindOf(trace) === 'scatter' ? { dash: 'dot' } : {}),
  }
  const marker = { ...metadataPart(trace, 'marker'), color }
  const opacity = run === 'A' && !single ? 0.45 : 1
  return { ...plain, name: nameOf(trace, run), showlegend: true, line, marker, opacity }
}

/** Lying bars of names that only one of the two has need room for both; nothing where no bars lie. */
const heightOf = (a: Figure, b: Figure): number | undefined => {
  const lying = [...a.data, ...b.data].filter(({ orientation }) => orientation === 'h')
  if (lying.length === 0) return undefined
  const names = new Set(lying.flatMap(({ y }) => (Array.isArray(y) ? y : [])))
  const heights = [a, b].map(({ layout = {} }) => (typeof layout.height === 'number' ? layout.height : 0))
  return Math.max(...heights, 120 + 26 * names.size)
}

/** B's axis with room for what A shows; without a range where not both have one. */
const axisOf = (name: 'xaxis' | 'yaxis', a: Figure, b: Figure): Record<string, unknown> => {
  const ranges = [a, b].map(({ layout = {} }) => metadataPart(layout, name).range)
  const { range: _, ...axis } = metadataPart(b.layout ?? {}, name)
  const ends = ranges.flatMap((range) => (Array.isArray(range) ? range : [])).filter((end) => typeof end === 'number')
  return ends.length === 4 ? { ...axis, range: [Math.min(...ends), Math.max(...ends)] } : axis
}

/** Both figures on the same axes, A drawn back, what is the same drawn once; nothing where their traces do not match. */
export const overlaid = (a: Figure, b: Figure): Figure | undefined => {
  if (!match(a, b)) return undefined
  const single = a.data.length === 1
  const data = a.data.flatMap((trace, index) => {
    const other = b.data[index] ?? trace
    if (isDeepStrictEqual(trace, other) && !single)
      return [{ ...other, showlegend: typeof other.name === 'string' && other.name !== '' }]
    return [styled(trace, index, 'A', single), styled(other, index, 'B', single)]
  })
  const height = heightOf(a, b)
  const layout = {
    ...b.layout,
    ...(height !== undefined && { height }),
    xaxis: axisOf('xaxis', a, b),
    yaxis: axisOf('yaxis', a, b),
    barmode: 'group',
    boxmode: 'group',
    violinmode: 'group',
    showlegend: true,
  }
  return { ...b, data, layout }
}
