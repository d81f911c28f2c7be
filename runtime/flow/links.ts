import type { CatalogueNode } from '../catalogue/catalogue.ts'
import { PolkuError } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'
import type { FlowStep } from './schema.ts'
import type { Source } from './source.ts'

/** One input of a step and the output that feeds it. */
export interface Link {
  readonly input: string
  readonly step: string
  readonly output: string
}

/** Resolves a step's `from` to links. Pushes unknown steps, outputs and inputs, and missing inputs, to `errors`. */
export function resolveLinks(
  name: string,
  step: FlowStep,
  node: CatalogueNode,
  nodes: ReadonlyMap<string, CatalogueNode | undefined>,
  source: Source,
  errors: PolkuError[],
): Link[] {
  const inputs = Object.entries(node.definition.inputs)
  const position = (path: readonly string[], target?: 'key' | 'value') => ({
    ...source.position(['steps', name, ...path], target),
    step: name,
  })
  const required = inputs.filter(([, spec]) => !spec.optional).map(([input]) => input)
  if (step.from !== undefined && inputs.length === 0) {
    errors.push(new PolkuError('INPUT_NOT_TAKEN', { node: node.name }, position(['from'], 'key')))
    return []
  }
  const first = required[0] ?? inputs[0]?.[0] ?? ''
  const from = typeof step.from === 'string' ? { [first]: step.from } : (step.from ?? {})
  const links: Link[] = []
  for (const [input, reference] of Object.entries(from)) {
    if (!Object.hasOwn(node.definition.inputs, input)) {
      errors.push(
        new PolkuError(
          'INPUT_UNKNOWN',
          {
            node: node.name,
            input,
            actual: input,
            nearest: nearest(
              input,
              inputs.map(([input]) => input),
              'input',
            ),
          },
          position(['from', input], 'key'),
        ),
      )
      continue
    }
    const link = resolveReference(
      input,
      reference,
      nodes,
      position(typeof step.from === 'string' ? ['from'] : ['from', input]),
      errors,
    )
    if (link) links.push(link)
  }
  // A misspelt input is not missing too.
  const misspelt = Object.keys(from).some((input) => !Object.hasOwn(node.definition.inputs, input))
  for (const input of required)
    if (!Object.hasOwn(from, input) && !misspelt)
      errors.push(
        new PolkuError(
          'INPUT_MISSING',
          {
            node: node.name,
            input,
            right: `from: { ${input}: STEP } (${node.definition.inputs[input]?.description})`,
          },
          position([], 'key'),
        ),
      )
  return links
}

function resolveReference(
  input: string,
  reference: string,
  nodes: ReadonlyMap<string, CatalogueNode | undefined>,
  position: { step: string },
  errors: PolkuError[],
): Link | undefined {
  const [step = '', output, ...rest] = reference.split('.')
  if (!nodes.has(step) || rest.length > 0) {
    errors.push(
      new PolkuError(
        'STEP_UNKNOWN',
        { step: reference, actual: reference, nearest: nearest(step, [...nodes.keys()], 'step') },
        position,
      ),
    )
    return undefined
  }
  const node = nodes.get(step)
  if (!node) return undefined
  const outputs = Object.keys(node.definition.outputs)
  const chosen = output ?? outputs[0] ?? ''
  if (outputs.includes(chosen)) return { input, step, output: chosen }
  errors.push(
    new PolkuError(
      'OUTPUT_UNKNOWN',
      { step, node: node.name, output: chosen, actual: chosen, nearest: nearest(chosen, outputs, 'output') },
      position,
    ),
  )
  return undefined
}

/** The steps in an order in which each comes after what feeds it, as written where free. Throws STEP_CYCLE. */
export function order(links: ReadonlyMap<string, readonly Link[]>, source: Source): string[] {
  const done: string[] = []
  const state = new Map<string, 'open' | 'closed'>()
  const visit = (name: string, trail: readonly string[]): void => {
    if (state.get(name) === 'closed') return
    if (state.get(name) === 'open') {
      const circle = [...trail.slice(trail.indexOf(name)), name]
      throw new PolkuError(
        'STEP_CYCLE',
        { path: circle.join(' → '), actual: circle.join(' → ') },
        { ...source.position(['steps', name], 'key'), step: name },
      )
    }
    state.set(name, 'open')
    for (const link of links.get(name) ?? []) visit(link.step, [...trail, name])
    state.set(name, 'closed')
    done.push(name)
  }
  for (const name of links.keys()) visit(name, [])
  return done
}
