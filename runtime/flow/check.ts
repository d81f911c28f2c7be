import type { CatalogueNode } from '../catalogue/catalogue.ts'
import { PolkuError, PolkuErrors, type Position } from '../errors/errors.ts'
import { checkAutomation } from './automation.ts'
import { desugarFlow, type FlowUse, flowUses } from './flow-use.ts'
import { resolveHighlights } from './highlights.ts'
import { type Link, order, resolveLinks } from './links.ts'
import { resolveParams } from './params.ts'
import { humanise, type Plan } from './plan.ts'
import { readFlow } from './read-flow.ts'
import type { FlowStep } from './schema.ts'
import type { Source } from './source.ts'
import { type CheckOptions, defaultSeed, StepChecker } from './step-checker.ts'

/**
 * Turns a flow's text into a plan that can run, or throws PolkuErrors with every fault found: shape,
 * names, settings, references, and the columns of every step typed on empty tables. Reads no data
 * but the first rows of import files.
 */
export async function checkFlow(options: CheckOptions): Promise<Plan> {
  const { flow, source } = readFlow(options.text, options.file)
  const errors: PolkuError[] = []
  const params = resolveParams(flow, source, options.params, errors)
  const steps = new Map(Object.entries(flow.steps).map(([name, step]) => [name, desugarFlow(desugarModel(step))]))
  const uses = flowUses(flow, params, options.asOf)
  const nodes = await loadNodes(steps, uses, source, options, errors)
  await checkAutomation(flow, source, options, errors)
  const highlights = resolveHighlights(flow.highlights ?? [], nodes, source, errors)
  const links = new Map<string, Link[]>()
  for (const [name, step] of steps) {
    const node = nodes.get(name)
    links.set(name, node ? resolveLinks(name, step, node, nodes, source, errors) : [])
  }
  const names = orderOrFault(links, source, errors)
  const checker = new StepChecker(options, source, flow, params, errors)
  for (const name of names) {
    const node = nodes.get(name)
    const step = steps.get(name)
    if (node && step) await checker.check(name, step, node, links.get(name) ?? [])
  }
  if (errors.length > 0) throw new PolkuErrors(errors.sort(byPosition))
  const { asOf } = options
  return {
    flow: flow.flow,
    file: options.file,
    title: flow.title ?? humanise(flow.flow),
    description: flow.description,
    params,
    asOf,
    seed: flow.seed ?? defaultSeed,
    timeout: flow.timeout,
    highlights,
    steps: checker.planned,
  }
}

const byPosition = (left: PolkuError, right: PolkuError): number =>
  (left.position.line ?? 0) - (right.position.line ?? 0) || (left.position.column ?? 0) - (right.position.column ?? 0)

/** `uses: model/churn@approved` is the node that scores, with that model. */
function desugarModel(step: FlowStep): FlowStep {
  const model = /^model\/(.+)$/.exec(step.uses)?.[1]
  return model === undefined ? step : { ...step, uses: 'predict/score', with: { ...step.with, model } }
}

async function loadNodes(
  steps: ReadonlyMap<string, FlowStep>,
  uses: ReadonlyMap<string, FlowUse>,
  source: Source,
  { catalogue, flowNode }: Pick<CheckOptions, 'catalogue' | 'flowNode'>,
  errors: PolkuError[],
): Promise<Map<string, CatalogueNode | undefined>> {
  const nodes = new Map<string, CatalogueNode | undefined>()
  for (const [name, step] of steps) {
    const use = uses.get(name)
    try {
      nodes.set(name, await (use ? flowNode(use) : catalogue.load(step.uses)))
    } catch (error) {
      // What is wrong with a flow that a step runs is told where that flow is written.
      if (error instanceof PolkuErrors && use) errors.push(...error.errors)
      else if (!(error instanceof PolkuError)) throw error
      else errors.push(atUse(error, step, { ...source.position(['steps', name, 'uses']), step: name }))
      nodes.set(name, undefined)
    }
  }
  return nodes
}

/** An error of a node, at its use in the flow; one that names a line of the node's own file stays there. */
function atUse(error: PolkuError, step: FlowStep, at: Position): PolkuError {
  if (error.position.line !== undefined) return error.at({ step: at.step })
  const { file, ...position } = error.position
  const culprit = error.values.actual ?? file ?? step.uses
  return new PolkuError(error.code, { ...error.values, actual: culprit }, { ...position, ...at }, error.cause)
}

function orderOrFault(links: ReadonlyMap<string, readonly Link[]>, source: Source, errors: PolkuError[]): string[] {
  try {
    return order(links, source)
  } catch (error) {
    if (!(error instanceof PolkuError)) throw error
    errors.push(error)
    return []
  }
}
