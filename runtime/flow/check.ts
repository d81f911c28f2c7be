import type { Workspace } from '../data/workspace.ts'
import { type Place, PolkuError, PolkuErrors } from '../errors.ts'
import { nearest } from '../nearest.ts'
import type { Catalogue, FoundNode } from './catalogue.ts'
import { expressionFaults } from './expression.ts'
import { type Link, order, resolveLinks } from './links.ts'
import { resolveParams, substitute } from './params.ts'
import { humanise, type Plan, type PlannedStep } from './plan.ts'
import { type Flow, type FlowStep, flowSchema } from './schema.ts'
import {
  columnFaults,
  type LabelledTable,
  type PlaceOf,
  referenceFaults,
  requireFiles,
  resolveDates,
  resolvePaths,
  settingFaults,
} from './settings.ts'
import { shapeFaults } from './shape.ts'
import { parseSource, type Source } from './source.ts'
import { type PlanServices, typeOutputs } from './typing.ts'

export interface CheckOptions {
  /** The flow's text and the file it came from, as errors shall name it. */
  readonly text: string
  readonly file: string
  readonly params: Readonly<Record<string, unknown>>
  readonly asOf: string
  readonly workspace: Workspace
  readonly catalogue: Catalogue
  readonly services: Omit<PlanServices, 'seed'>
  readonly resolveModel: (reference: string) => unknown
}

const defaultSeed = 20_261_001

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
  if (errors.length > 0) throw new PolkuErrors(errors)
  const { asOf } = options
  return {
    flow: flow.flow,
    file: options.file,
    title: flow.title ?? humanise(flow.flow),
    description: flow.description,
    params,
    asOf,
    seed: flow.seed ?? defaultSeed,
    steps: checker.planned,
  }
}

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
        { file: source.file },
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
    return new PolkuError(
      'FLOW_SHAPE',
      { reason: `${path.join('.') || 'The file'} is not right.`, right: expected },
      source.place(path),
    )
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

/** Checks steps one after another; what a sound step gives types the ones it feeds. */
class StepChecker {
  readonly planned: PlannedStep[] = []
  readonly #options: CheckOptions
  readonly #source: Source
  readonly #flow: Flow
  readonly #params: Record<string, string | number | boolean>
  readonly #errors: PolkuError[]

  constructor(
    options: CheckOptions,
    source: Source,
    flow: Flow,
    params: Record<string, string | number | boolean>,
    errors: PolkuError[],
  ) {
    this.#options = options
    this.#source = source
    this.#flow = flow
    this.#params = params
    this.#errors = errors
  }

  async check(name: string, step: FlowStep, node: FoundNode, links: readonly Link[]): Promise<void> {
    const before = this.#errors.length
    const { asOf, workspace, services, resolveModel } = this.#options
    const place: PlaceOf = (path, target, offset) => ({
      ...this.#source.place(['steps', name, 'with', ...path], target, offset),
      step: name,
    })
    const substituted = this.#substitute(step.with ?? {}, ['steps', name, 'with'], name)
    const raw = substituted as Record<string, unknown> // `with` is an object by the flow's schema
    const faults = settingFaults(node, raw, place)
    this.#errors.push(...faults)
    const settings = faults.length === 0 ? resolveDates(node, raw, asOf) : raw
    if (faults.length === 0) this.#errors.push(...referenceFaults(node, settings, workspace, resolveModel, place))
    const stop = await this.#checkStop(name, step, node)
    const inputs = await this.#inputTables(links)
    this.#errors.push(...(await columnFaults(node, settings, inputs, services.database, place)))
    const fed = Object.entries(node.definition.inputs).every(([input, spec]) => spec.optional || inputs.has(input))
    if (this.#errors.length > before || inputs.size < links.length || !fed) return
    const outputs = await this.#type(name, node, settings, inputs)
    if (!outputs) return
    const { line, column } = this.#source.place(['steps', name], 'key')
    this.planned.push({
      name,
      uses: this.#flow.steps[name]?.uses ?? step.uses,
      title: step.title ?? humanise(name),
      note: step.note,
      node,
      links,
      settings,
      stop,
      outputs,
      line,
      column,
    })
  }

  #substitute(value: unknown, path: readonly (string | number)[], step: string): unknown {
    return substitute(value, this.#params, this.#options.asOf, (reference, expected, inner) => {
      // A parameter that is declared but has no sound value was reported already.
      if (Object.hasOwn(this.#flow.params ?? {}, reference.replace(/^params\./, ''))) return
      this.#errors.push(
        new PolkuError(
          'REFERENCE_UNKNOWN',
          { reference: `\${${reference}}`, found: reference, nearest: expected },
          { ...this.#source.place([...path, ...inner]), step },
        ),
      )
    })
  }

  async #inputTables(links: readonly Link[]): Promise<Map<string, LabelledTable>> {
    const tables = new Map<string, LabelledTable>()
    for (const link of links) {
      const columns = this.planned.find((step) => step.name === link.step)?.outputs[link.output]
      if (!columns) continue
      const relation = `plan ${link.step}.${link.output}`
      await this.#options.services.database.createEmpty(relation, columns)
      tables.set(link.input, { relation, columns, label: link.step })
    }
    return tables
  }

  async #type(
    name: string,
    node: FoundNode,
    settings: Record<string, unknown>,
    inputs: ReadonlyMap<string, LabelledTable>,
  ): Promise<PlannedStep['outputs'] | undefined> {
    const { services, workspace } = this.#options
    const place: Place = { ...this.#source.place(['steps', name], 'key'), step: name }
    try {
      return await typeOutputs(node, Object.fromEntries(inputs), resolvePaths(node, settings, workspace), {
        ...services,
        seed: this.#flow.seed ?? defaultSeed,
      })
    } catch (error) {
      if (!(error instanceof PolkuError)) throw error
      this.#errors.push((missingFile(node, settings, workspace) ?? error).at(place))
      return undefined
    }
  }

  async #checkStop(name: string, step: FlowStep, node: FoundNode): Promise<string | undefined> {
    if (step.stop === undefined) return undefined
    const place = { ...this.#source.place(['steps', name, 'stop']), step: name }
    const expression = String(this.#substitute(step.stop, ['steps', name, 'stop'], name))
    const metrics = Object.keys(node.definition.metrics ?? {})
    const { database } = this.#options.services
    const columns = metrics.map((metric) => ({ name: metric, type: 'DOUBLE' }))
    if (columns.length === 0) {
      this.#errors.push(
        new PolkuError(
          'STOP_INVALID',
          { expression, reason: `${node.name} gives no metric.`, right: nearest('', [], 'metric') },
          place,
        ),
      )
      return undefined
    }
    const relation = `metrics of ${name}`
    await database.createEmpty(relation, columns)
    const faults = await expressionFaults(
      database,
      expression,
      { relation, columns, label: `${node.name}’s metrics` },
      'boolean',
    )
    for (const { error, offset } of faults)
      this.#errors.push(error.at({ ...place, ...this.#source.place(['steps', name, 'stop'], 'value', offset) }))
    return expression
  }
}

/** Where a node could not be typed because a file is not there, that is the fault to tell. */
function missingFile(node: FoundNode, settings: Record<string, unknown>, workspace: Workspace): PolkuError | undefined {
  try {
    requireFiles(node, settings, workspace)
    return undefined
  } catch (error) {
    if (error instanceof PolkuError) return error
    throw error
  }
}
