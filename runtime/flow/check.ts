import type { StoredOutput } from '../data/artifacts.ts'
import type { Workspace } from '../data/workspace.ts'
import { PolkuError, PolkuErrors } from '../errors.ts'
import { checkAutomation } from './automation.ts'
import type { Catalogue, FoundNode } from './catalogue.ts'
import { resolveHighlights } from './highlights.ts'
import { type Link, order, resolveLinks } from './links.ts'
import { resolveParams } from './params.ts'
import { humanise, type Plan, type PlannedStep } from './plan.ts'
import { type Flow, type FlowStep, flowSchema } from './schema.ts'
import type { Secrets } from './secrets.ts'
import { shapeFaults } from './shape.ts'
import { parseSource, type Source } from './source.ts'
import { defaultSeed, StepChecker } from './step-checker.ts'
import type { PlanServices } from './typing.ts'

export interface CheckOptions {
  /** The flow's text and the file it came from, as errors shall name it. */
  readonly text: string
  readonly file: string
  readonly params: Readonly<Record<string, unknown>>
  readonly asOf: string
  /** What `${secret.NAME}` may name. */
  readonly secrets: Secrets
  readonly workspace: Workspace
  readonly catalogue: Catalogue
  readonly services: Omit<PlanServices, 'seed'>
  readonly resolveModel: (reference: string) => unknown
  /** The outputs of a step where they are known without doing it, by the content hash of each of its inputs. */
  readonly remembered: (
    step: Pick<PlannedStep, 'node' | 'settings'>,
    inputs: Readonly<Record<string, string>>,
    seed: number,
  ) => Promise<readonly StoredOutput[] | undefined>
}

/**
 * Turns a flow's text into a plan that can run, or throws PolkuErrors with every fault found: shape,
 * names, settings, references, and the columns of every step typed on empty tables. Reads no data
 * but the first rows of import files.
 */
export async function checkFlow(options: CheckOptions): Promise<Plan> {
  let source: Source
  try {
    source = parseSource(options.text, options.file)
  } catch (error) {
    throw error instanceof PolkuError ? new PolkuErrors([error]) : error
  }
  const flow = readShape(source)
  const errors: PolkuError[] = []
  const params = resolveParams(flow, source, options.params, errors)
  const steps = new Map(Object.entries(flow.steps).map(([name, step]) => [name, desugarModel(step)]))
  const nodes = await loadNodes(steps, source, options.catalogue, errors)
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
  if (errors.length > 0) throw new PolkuErrors(errors.sort(byPlace))
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

/** What stands at a path, in a few words. */
function shown(data: unknown, path: readonly (string | number)[]): string {
  const value = path.reduce<unknown>((at, key) => (at as Record<string | number, unknown>)?.[key], data) // the path leads to the culprit
  if (value === null || value === undefined) return 'empty'
  if (typeof value === 'object') return Array.isArray(value) ? 'a list' : 'a group of keys'
  return JSON.stringify(value).slice(0, 100)
}

const byPlace = (left: PolkuError, right: PolkuError): number =>
  (left.place.line ?? 0) - (right.place.line ?? 0) || (left.place.column ?? 0) - (right.place.column ?? 0)

function readShape(source: Source): Flow {
  if (source.data === null || typeof source.data !== 'object' || Array.isArray(source.data))
    throw new PolkuErrors([
      new PolkuError(
        'FLOW_SHAPE',
        {
          reason: 'This file is not a flow.',
          found: source.data === null ? 'nothing' : Array.isArray(source.data) ? 'a list' : `a ${typeof source.data}`,
          right: 'Keys flow: and steps:.',
        },
        source.place([]),
      ),
    ])
  const errors = shapeFaults(flowSchema, source.data).map(({ kind, path, expected }) => {
    const where = path.length > 1 ? path.slice(0, -1).join('.') : 'a flow'
    const key = String(path.at(-1) ?? '')
    if (kind === 'unknown')
      return new PolkuError(
        'FLOW_UNKNOWN_KEY',
        { key, where, found: key, nearest: expected },
        source.place(path, 'key'),
      )
    if (kind === 'missing')
      return new PolkuError(
        'FLOW_SHAPE',
        { reason: `${where} has no ${key}.`, right: expected },
        source.place(path.slice(0, -1), 'key'),
      )
    const found = shown(source.data, path)
    const reason = `${path.join('.') || 'The file'} is ${found}.`
    return new PolkuError('FLOW_SHAPE', { reason, found, right: expected }, source.place(path))
  })
  if (errors.length > 0) throw new PolkuErrors(errors)
  return source.data as Flow // the schema has just been checked
}

/** `uses: model/churn@approved` is the node that scores, with that model. */
function desugarModel(step: FlowStep): FlowStep {
  const model = /^model\/(.+)$/.exec(step.uses)?.[1]
  return model === undefined ? step : { ...step, uses: 'predict/score', with: { ...step.with, model } }
}

async function loadNodes(
  steps: ReadonlyMap<string, FlowStep>,
  source: Source,
  catalogue: Catalogue,
  errors: PolkuError[],
): Promise<Map<string, FoundNode | undefined>> {
  const nodes = new Map<string, FoundNode | undefined>()
  for (const [name, step] of steps) {
    try {
      nodes.set(name, await catalogue.load(step.uses))
    } catch (error) {
      if (!(error instanceof PolkuError)) throw error
      nodes.set(name, undefined)
      const { file, ...values } = error.place
      const place = { ...source.place(['steps', name, 'uses']), step: name }
      errors.push(
        new PolkuError(error.code, { ...error.values, found: file ?? step.uses }, { ...values, ...place }, error.cause),
      )
    }
  }
  return nodes
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
