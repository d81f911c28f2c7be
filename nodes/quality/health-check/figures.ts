import type { Row, RunContext } from '../../node.ts'
import { DIMENSIONS } from './score.ts'

const titled = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)
const percentOf = (value: unknown): number | null =>
  value === null || value === undefined ? null : Number((100 * Number(value)).toFixed(2))

/** The score with its four dimensions as bars. */
export function dimensionsFigure(overall: Row, context: RunContext): void {
  const judged = DIMENSIONS.filter((name) => overall[name] !== null && overall[name] !== undefined)
  if (judged.length === 0) return
  const shares = judged.map((name) => percentOf(overall[name]))
  context.figure({
    title: `Data health: ${Number(overall.score).toFixed(1)} of 100`,
    description: `The score and its dimensions: ${judged.map((name, index) => `${name} ${shares[index]} %`).join(', ')}.`,
    data: [
      {
        type: 'bar',
        orientation: 'h',
        x: shares,
        y: judged.map(titled),
        text: shares.map((share) => `${share?.toFixed(1)} %`),
        textposition: 'auto',
        hovertemplate: '%{y}: %{x} %<extra></extra>',
      },
    ],
    layout: {
      xaxis: { title: { text: 'Share in order, %' }, range: [0, 100] },
      yaxis: { title: { text: '' }, autorange: 'reversed', type: 'category' },
    },
  })
}

const mostColumns = 40

/** Each column's shares as a heatmap; the worst forty columns of a wide table. */
export function columnsFigure(columns: readonly Row[], context: RunContext): void {
  const worst = (row: Row) => Math.min(...DIMENSIONS.map((name) => percentOf(row[name]) ?? 100))
  const judged = columns.filter((row) => DIMENSIONS.some((name) => row[name] !== null))
  if (judged.length === 0) return
  const limit = judged.map(worst).sort((one, other) => one - other)[mostColumns - 1] ?? 100
  const worstColumns = judged.filter((row) => worst(row) <= limit).slice(0, mostColumns)
  context.figure({
    title: worstColumns.length < judged.length ? `The ${worstColumns.length} worst columns` : 'Columns',
    description:
      'How complete, valid, unique and consistent each column is, in percent; empty where it does not apply.',
    data: [
      {
        type: 'heatmap',
        x: ['Complete', 'Valid', 'Unique', 'Consistent'],
        y: worstColumns.map((row) => String(row.column_name)),
        z: worstColumns.map((row) => DIMENSIONS.map((name) => percentOf(row[name]))),
        zmin: 0,
        zmax: 100,
        colorscale: [
          [0, '#b2182b'],
          [0.8, '#f4a582'],
          [0.95, '#f7f7f7'],
          [1, '#4393c3'],
        ],
        texttemplate: '%{z:.1f}',
        hovertemplate: '%{y}, %{x}: %{z} %<extra></extra>',
        xgap: 1,
        ygap: 1,
        // Each cell says its value.
        showscale: false,
      },
    ],
    layout: {
      xaxis: { title: { text: '' }, type: 'category', side: 'top', tickangle: 0 },
      yaxis: { title: { text: '' }, autorange: 'reversed', type: 'category' },
      height: 160 + 24 * worstColumns.length,
    },
  })
}

/** Who may be contacted through which channel. */
export function permissionsFigure(channels: readonly Row[], context: RunContext): void {
  if (channels.length === 0) return
  const answers = [
    { key: 'allowed', name: 'Yes', color: '#0072b2' },
    { key: 'refused', name: 'No or other', color: '#d55e00' },
    { key: 'unanswered', name: 'No answer', color: '#b0b7bf' },
  ]
  context.figure({
    title: 'Permissions by channel',
    description: 'How many customers may be contacted through each channel; only an explicit yes is a permission.',
    data: answers.map(({ key, name, color }) => ({
      type: 'bar',
      name,
      marker: { color },
      x: channels.map(({ channel }) => String(channel)),
      y: channels.map((row) => Number(row[key])),
      hovertemplate: `%{x}: %{y} customers<extra>${name}</extra>`,
    })),
    layout: {
      barmode: 'stack',
      xaxis: { title: { text: 'Channel' }, type: 'category' },
      yaxis: { title: { text: 'Customers' } },
    },
  })
}
