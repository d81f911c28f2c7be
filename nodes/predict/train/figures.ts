import type { CalibrationBin } from '../../lib/calibration.ts'
import type { RocPoint } from '../../lib/classification.ts'
import type { Decile } from '../../lib/lift.ts'
import type { RunContext } from '../../node.ts'
import type { Validation } from './validate.ts'

const diagonal = {
  type: 'scatter',
  mode: 'lines',
  x: [0, 1],
  y: [0, 1],
  line: { dash: 'dot', color: '#9aa5b1' },
  hoverinfo: 'skip',
  showlegend: false,
}
const square = { range: [0, 1.02], tickformat: '.0%' }

export function rocFigure(points: readonly RocPoint[], area: number, context: RunContext): void {
  context.figure({
    title: 'Who did it against who did not',
    description: `ROC curve: the share of cases found against the share of others wrongly taken for cases. The area below it is ${area.toFixed(3)}; the dotted line is guessing.`,
    data: [
      {
        type: 'scatter',
        mode: 'lines',
        name: 'Model',
        x: points.map((point) => point.falsePositiveRate),
        y: points.map((point) => point.truePositiveRate),
      },
      diagonal,
    ],
    layout: {
      xaxis: { ...square, title: { text: 'Others wrongly taken for cases' } },
      yaxis: { ...square, title: { text: 'Cases found' } },
      showlegend: false,
    },
  })
}

export function liftFigure(deciles: readonly Decile[], context: RunContext): void {
  const first = deciles[0]
  context.figure({
    title: 'Lift by tenths of customers',
    description: `How many times more common it is in each tenth of customers than among all, highest probability first. The first tenth has ${first?.lift?.toFixed(1)} times as many and holds ${Math.round((first?.cumulativeCapture ?? 0) * 100)} % of all cases.`,
    data: [
      {
        type: 'bar',
        name: 'Lift',
        x: deciles.map(({ decile }) => decile),
        y: deciles.map(({ lift }) => lift),
        customdata: deciles.map(({ responseRate }) => responseRate),
        hovertemplate: 'tenth %{x}: lift %{y:.2f}, %{customdata:.1%} did it<extra></extra>',
      },
      {
        type: 'scatter',
        mode: 'lines',
        x: [0.5, 10.5],
        y: [1, 1],
        line: { dash: 'dot', color: '#9aa5b1' },
        hoverinfo: 'skip',
      },
    ],
    layout: {
      xaxis: { title: { text: 'Tenth, highest probability first' }, dtick: 1 },
      yaxis: { title: { text: 'Lift' }, rangemode: 'tozero' },
      showlegend: false,
    },
  })
  context.table({
    title: 'The tenths in numbers',
    columns: ['tenth', 'customers', 'did it', 'share %', 'mean probability %', 'lift', 'of all cases so far %'],
    rows: deciles.map((one) => [
      one.decile,
      one.n,
      Math.round(one.cases),
      percent(one.responseRate),
      percent(one.meanScore),
      Number((one.lift ?? 0).toFixed(2)),
      percent(one.cumulativeCapture ?? 0),
    ]),
  })
}

const percent = (share: number): number => Number((share * 100).toFixed(1))

export function calibrationFigure(bins: readonly CalibrationBin[], context: RunContext): void {
  const top = Math.min(
    1,
    1.1 * Math.max(...bins.map(({ meanProbability, observed }) => Math.max(meanProbability, observed))),
  )
  context.figure({
    title: 'Do the probabilities hold?',
    description:
      'Calibration: mean predicted probability against the share that really did it, in ten groups of equal size. On the dotted line they agree.',
    data: [
      {
        type: 'scatter',
        mode: 'lines+markers',
        name: 'Model',
        x: bins.map(({ meanProbability }) => meanProbability),
        y: bins.map(({ observed }) => observed),
        customdata: bins.map(({ n }) => n),
        hovertemplate: 'predicted %{x:.1%}, observed %{y:.1%}, %{customdata} customers<extra></extra>',
      },
      diagonal,
    ],
    layout: {
      xaxis: { title: { text: 'Predicted' }, range: [0, top], tickformat: '.0%' },
      yaxis: { title: { text: 'Observed' }, range: [0, top], tickformat: '.0%' },
      showlegend: false,
    },
  })
}

export function importanceFigure(importance: Validation['importance'], context: RunContext): void {
  const ascending = [...importance].reverse()
  context.figure({
    title: 'Which columns the model needs',
    description: `Permutation importance: how much the AUC falls when a column’s values are shuffled among customers. ${importance[0]?.column ?? 'No column'} matters most.`,
    data: [
      {
        type: 'bar',
        orientation: 'h',
        y: ascending.map(({ column }) => column),
        x: ascending.map(({ drop }) => drop),
        hovertemplate: '%{y}: %{x:.4f}<extra></extra>',
      },
    ],
    layout: {
      xaxis: { title: { text: 'Fall of the AUC' } },
      yaxis: { automargin: true },
      height: 140 + ascending.length * 22,
    },
  })
}
