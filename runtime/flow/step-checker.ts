import type { Catalogue, CatalogueNode } from '../catalogue/catalogue.ts'
import type { StoredOutput } from '../data/artifacts.ts'
import type { Workspace } from '../data/workspace.ts'
import { PolkuError } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'
import type { BindServices, BoundStep, PositionOf } from '../step/bind.ts'
import { checkStep, type LabelledTable, typeStep } from '../step/check.ts'
import { expressionFaults } from '../step/expression.ts'
import type { Secrets } from '../step/secrets.ts'
import type { PlanServices } from '../step/typing.ts'
import type { FlowUse } from './flow-use.ts'
import type { Link } from './links.ts'
import { type ParamValues, substitute } from './params.ts'
import { humanise, type PlannedStep } from './plan.ts'
import type { Flow, FlowStep } from './schema.ts'
import type { Source } from './source.ts'

export const defaultSeed = 20_261_001

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
  readonly services: Omit<PlanServices, 'seed' | 'currency'>
  readonly resolveModel: (reference: string) => unknown
  /** The node that runs a flow for each of several items. */
  readonly flowNode: (use: FlowUse) => Promise<CatalogueNode>
  /** The outputs of a step where they are known without doing it, by the content hash of each of its inputs. */
  readonly storedOutputs: (
    step: BoundStep,
    inputs: Readonly<Record<string, string>>,
    seed: number,
  ) => Promise<readonly StoredOutput[] | undefined>
}

/** Checks steps one after another; what a sound step gives types the ones it feeds. */
export class StepChecker {
  readonly planned: PlannedStep[] = []
  readonly #options: CheckOptions
  readonly #source: Source
  readonly #flow: Flow
  readonly #params: ParamValues
  readonly #errors: PolkuError[]
  /** Content hashes of outputs that are stored, by `step.output`. */
  readonly #hashes = new Map<string, string>()

  constructor(options: CheckOptions, source: Source, flow: Flow, params: ParamValues, errors: PolkuError[]) {
    this.#options = options
    this.#source = source
    this.#flow = flow
    this.#params = params
    this.#errors = errors
  }

  async check(name: string, written: FlowStep, node: CatalogueNode, links: readonly Link[]): Promise<void> {
    const before = this.#errors.length
    const position: PositionOf = (path, target, offset) => ({
      ...this.#source.position(['steps', name, 'with', ...path], target, offset),
      step: name,
    })
    const unresolved: string[] = []
    const substituted = this.#substitute(written.with ?? {}, ['steps', name, 'with'], name, unresolved)
    const settings = substituted as Record<string, unknown> // `with` is an object by the flow's schema
    const inputs = this.#inputTables(links)
    const { asOf, services } = this.#options
    const bindServices: BindServices = this.#options
    const { step, faults } = await checkStep({ node, settings, asOf, position, unresolved }, inputs, {
      ...bindServices,
      database: services.database,
    })
    this.#errors.push(...faults)
    if (unresolved.length > 0) return
    const stop = await this.#checkStop(name, written, node)
    const fed = Object.entries(node.definition.inputs).every(([input, spec]) => spec.optional || inputs.has(input))
    if (this.#errors.length > before || inputs.size < links.length || !fed) return
    const outputs = (await this.#stored(name, step, links)) ?? (await this.#type(name, step, inputs, position))
    if (!outputs) return
    const { line, column } = this.#source.position(['steps', name], 'key')
    this.planned.push({
      ...step,
      name,
      uses: this.#flow.steps[name]?.uses ?? written.uses,
      title: written.title ?? humanise(name),
      note: written.note,
      links,
      stop,
      retry: written.retry,
      timeout: written.timeout,
      outputs,
      line,
      column,
    })
  }

  /** Puts parameters in. What has no value is told, and its setting added to `unresolved`, so that it is not told twice. */
  #substitute(value: unknown, path: readonly (string | number)[], step: string, unresolved: string[]): unknown {
    return substitute(value, this.#params, this.#options.asOf, (reference, expected, inner) => {
      // An item is known only when the flow is run for it.
      if (/^item(\.|$)/.test(reference) && this.#flow.steps[step]?.for_each !== undefined) return `\${${reference}}`
      const secret = this.#secret(reference, inner, path, step)
      if (secret !== undefined) return secret
      unresolved.push(inner.join('.'))
      // A parameter that is declared but has no sound value was reported already.
      if (reference.startsWith('secret.') || Object.hasOwn(this.#flow.params ?? {}, reference.replace(/^params\./, '')))
        return undefined
      this.#errors.push(
        new PolkuError(
          'REFERENCE_UNKNOWN',
          { reference: `\${${reference}}`, actual: reference, nearest: expected },
          { ...this.#source.position([...path, ...inner]), step },
        ),
      )
      return undefined
    })
  }

  /** A secret's name stays in the settings; its value is for the node alone. Undefined for what is none, or not there. */
  #secret(
    reference: string,
    inner: readonly (string | number)[],
    path: readonly (string | number)[],
    step: string,
  ): string | undefined {
    if (!reference.startsWith('secret.')) return undefined
    const name = reference.slice('secret.'.length)
    const position = { ...this.#source.position([...path, ...inner]), step }
    const { names } = this.#options.secrets
    if (path.at(-1) !== 'with')
      this.#errors.push(new PolkuError('SECRET_MISPLACED', { reason: `${path.at(-1)} is no setting` }, position))
    else if (names.includes(name)) return `\${secret.${name}}`
    else
      this.#errors.push(
        new PolkuError('SECRET_UNKNOWN', { name, actual: name, nearest: nearest(name, names, 'secret') }, position),
      )
    return undefined
  }

  #inputTables(links: readonly Link[]): Map<string, LabelledTable> {
    const tables = new Map<string, LabelledTable>()
    for (const link of links) {
      const columns = this.planned.find((step) => step.name === link.step)?.outputs[link.output]
      if (!columns) continue
      const relation = `plan ${link.step}.${link.output}`
      this.#options.services.database.promiseEmpty(relation, columns)
      tables.set(link.input, { relation, columns, label: link.step })
    }
    return tables
  }

  get #seed(): number {
    return this.#flow.seed ?? defaultSeed
  }

  /** What is stored of a step that nothing has changed for; its own inputs then are stored too. */
  async #stored(name: string, step: BoundStep, links: readonly Link[]): Promise<PlannedStep['outputs'] | undefined> {
    const hashes = links.map((link) => [link.input, this.#hashes.get(`${link.step}.${link.output}`)] as const)
    if (hashes.some(([, hash]) => hash === undefined)) return undefined
    const inputs = Object.fromEntries(hashes) as Record<string, string> // none is undefined
    const stored = await this.#options.storedOutputs(step, inputs, this.#seed)
    for (const output of stored ?? []) this.#hashes.set(`${name}.${output.name}`, output.hash)
    return stored && Object.fromEntries(stored.map((output) => [output.name, output.columns]))
  }

  async #type(
    name: string,
    step: BoundStep,
    inputs: ReadonlyMap<string, LabelledTable>,
    position: PositionOf,
  ): Promise<PlannedStep['outputs'] | undefined> {
    const { services, workspace, secrets } = this.#options
    try {
      const all = { ...services, seed: this.#seed, workspace, secrets }
      return await typeStep(step, Object.fromEntries(inputs), all, position)
    } catch (error) {
      if (!(error instanceof PolkuError)) throw error
      this.#errors.push(error.at({ ...this.#source.position(['steps', name], 'key'), step: name }))
      return undefined
    }
  }

  async #checkStop(name: string, step: FlowStep, node: CatalogueNode): Promise<string | undefined> {
    if (step.stop === undefined) return undefined
    const position = { ...this.#source.position(['steps', name, 'stop']), step: name }
    const unresolved: string[] = []
    const expression = String(this.#substitute(step.stop, ['steps', name, 'stop'], name, unresolved))
    if (unresolved.length > 0) return undefined
    const metrics = Object.keys(node.definition.metrics ?? {})
    const { database } = this.#options.services
    const columns = metrics.map((metric) => ({ name: metric, type: 'DOUBLE' }))
    if (columns.length === 0) {
      this.#errors.push(
        new PolkuError(
          'STOP_INVALID',
          { expression, reason: `${node.name} gives no metric.`, right: nearest('', [], 'metric') },
          position,
        ),
      )
      return undefined
    }
    const relation = `plan metrics of ${name}`
    database.promiseEmpty(relation, columns)
    const faults = await expressionFaults(
      database,
      expression,
      { relation, columns, label: `${node.name}’s metrics` },
      'boolean',
    )
    for (const { error, offset } of faults)
      this.#errors.push(error.at({ ...position, ...this.#source.position(['steps', name, 'stop'], 'value', offset) }))
    return expression
  }
}
