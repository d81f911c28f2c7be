import { isDeepStrictEqual } from 'node:util'
import type { Figure } from '../../../nodes/node.ts'
import { metadataPart } from '../cells.ts'

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

const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9']
// A single trace is told apart by colour alone: the earlier run steps back.
const alone = { A: '#9fb3c0', B: '#0072b2' }

const nameOf = ({ name }: Trace, run: 'A' | 'B'): string =>
  typeof name === 'string' && name ? `${name} – ${run}` : run

const styled = (trace: Trace, index: number, run: 'A' | 'B', single: boolean): Trace => {
  const color = single ? alone[run] : colours[index]
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

/** Both figures on the same axes, A drawn back, what is the same drawn once; nothing where their traces do not match. */
export const overlaid = (a: Figure, b: Figure): Figure | undefined => {
  if (!match(a, b)) return undefined
  const single = a.data.length === 1
  const data = a.data.flatMap((trace, index) => {
    const other = b.data[index] ?? trace
    if (isDeepStrictEqual(trace, other) && !single) return [{ ...other, showlegend: true }]
    return [styled(trace, index, 'A', single), styled(other, index, 'B', single)]
  })
  const { range: _, ...xaxis } = metadataPart(b.layout ?? {}, 'xaxis')
  const layout = { ...b.layout, xaxis, barmode: 'group', boxmode: 'group', violinmode: 'group', showlegend: true }
  return { ...b, data, layout }
}
