import type { CatalogueNode } from '../catalogue/catalogue.ts'
import { PolkuError } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'
import type { Highlight } from './plan.ts'
import type { Source } from './source.ts'

/** The metrics that `highlights` names. Pushes steps and metrics that are not there to `errors`. */
export function resolveHighlights(
  highlights: readonly string[],
  nodes: ReadonlyMap<string, CatalogueNode | undefined>,
  source: Source,
  errors: PolkuError[],
): Highlight[] {
  return highlights.flatMap((highlight, index) => {
    const [step = '', metric = ''] = highlight.split('.')
    const position = source.position(['highlights', index])
    if (!nodes.has(step)) {
      errors.push(
        new PolkuError(
          'STEP_UNKNOWN',
          { step, actual: step, nearest: nearest(step, [...nodes.keys()], 'step') },
          position,
        ),
      )
      return []
    }
    const node = nodes.get(step)
    const metrics = Object.keys(node?.definition.metrics ?? {})
    if (node && !metrics.includes(metric))
      errors.push(
        new PolkuError(
          'METRIC_UNKNOWN',
          { step, node: node.name, metric, actual: metric, nearest: nearest(metric, metrics, 'metric') },
          position,
        ),
      )
    return [{ step, metric }]
  })
}
