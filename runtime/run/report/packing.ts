import { packPlotly } from '../../html/plotly.ts'
import type { Progress } from '../progress.ts'

/** Packs what the report draws figures with as soon as there is one, beside the steps that follow. */
export const packingPlotly = (progress: Progress): Progress => ({
  ...progress,
  stepEnded(step, index) {
    if (step.findings.some(({ kind }) => kind === 'figure')) packPlotly().catch(() => undefined) // what could not be packed beside is packed by the report, which then tells
    progress.stepEnded(step, index)
  },
})
