import { fitLogistic, type LogisticFit, logisticProbabilities } from '../../../lib/logistic.ts'
import type { RunContext } from '../../../node.ts'
import type { Method } from './method.ts'

/** Logistic regression with a ridge of `l2` (scikit-learn's 1 / C), exact by iteratively reweighted least squares. */
export const logistic = (l2: number): Method => ({
  kind: 'logistic',
  fit: async ({ x, width, y, weights }, context) => {
    const fit = fitLogistic(x, width, y, { ridge: l2, ...(weights ? { weights } : {}) })
    reportStatus(fit, context)
    return fit
  },
  // `fit` above made them.
  predict: async (parameters, x) => logisticProbabilities(parameters as LogisticFit, x),
})

function reportStatus({ status, collinear }: LogisticFit, context: RunContext): void {
  if (status === 'separated')
    context.warn(
      'Some combination of columns tells the cases from the others without error: is one of them known only afterwards? The size of coefficients means nothing.',
    )
  if (status === 'not-converged') context.warn('The logistic regression did not settle within its iterations.')
  if (collinear.length > 0)
    context.warn(`${collinear.length} of the model’s numbers are combinations of others; they share their effect.`)
}
