import type { CatalogueNode } from '../catalogue/catalogue.ts'
import { type Place, PolkuError } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'
import { expressionFaults } from '../step/expression.ts'
import {
  columnFaults,
  type LabelledTable,
  misplacedSecrets,
  missingFile,
  type PlaceOf,
  referenceFaults,
  resolveDates,
  resolvePaths,
  settingFaults,
} from '../step/settings.ts'
import { typeOutputs } from '../step/typing.ts'
import type { CheckOptions } from './check.ts'
import type { Link } from './links.ts'
import { type ParamValues, substitute } from './params.ts'
import { humanise, type PlannedStep } from './plan.ts'
import type { Flow, FlowStep } from './schema.ts'
import type { Source } from './source.ts'

export const defaultSeed = 20_261_001

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

  async check(name: string, step: FlowStep, node: CatalogueNode, links: readonly Link[]): Promise<void> {
    const before = this.#errors.length
    const { asOf, workspace, services, resolveModel } = this.#options
    const place: PlaceOf = (path, target, offset) => ({
      ...this.#source.place(['steps', name, 'with', ...path], target, offset),
      step: name,
    })
    const unresolved: string[] = []
    const substituted = this.#substitute(step.with ?? {}, ['steps', name, 'with'], name, unresolved)
    const raw = substituted as Record<string, unknown> // `with` is an object by the flow's schema
    if (!this.#options.secrets.isEmpty) this.#errors.push(...misplacedSecrets(node, raw, place))
    const faults = settingFaults(node, raw, place, this.#options.secrets).filter(
      ({ values }) => !unresolved.includes(String(values.setting)),
    )
    this.#errors.push(...faults)
    if (unresolved.length > 0) return
    const settings = faults.length === 0 ? resolveDates(node, raw, asOf) : raw
    if (faults.length === 0) this.#errors.push(...referenceFaults(node, settings, workspace, resolveModel, place))
    const stop = await this.#checkStop(name, step, node)
    const inputs = this.#inputTables(links)
    const isWritten = (setting: string | number) => Object.hasOwn(step.with ?? {}, setting)
    this.#errors.push(...(await columnFaults(node, settings, inputs, services.database, place, isWritten)))
    const fed = Object.entries(node.definition.inputs).every(([input, spec]) => spec.optional || inputs.has(input))
    if (this.#errors.length > before || inputs.size < links.length || !fed) return
    const outputs =
      (await this.#remembered(name, node, settings, links)) ?? (await this.#type(name, node, settings, inputs))
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
      retry: step.retry,
      timeout: step.timeout,
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
          { reference: `\${${reference}}`, found: reference, nearest: expected },
          { ...this.#source.place([...path, ...inner]), step },
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
    const place = { ...this.#source.place([...path, ...inner]), step }
    const { names } = this.#options.secrets
    if (path.at(-1) !== 'with')
      this.#errors.push(new PolkuError('SECRET_MISPLACED', { reason: `${path.at(-1)} is no setting` }, place))
    else if (names.includes(name)) return `\${secret.${name}}`
    else
      this.#errors.push(
        new PolkuError('SECRET_UNKNOWN', { name, found: name, nearest: nearest(name, names, 'secret') }, place),
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
  async #remembered(
    name: string,
    node: CatalogueNode,
    settings: Readonly<Record<string, unknown>>,
    links: readonly Link[],
  ): Promise<PlannedStep['outputs'] | undefined> {
    const hashes = links.map((link) => [link.input, this.#hashes.get(`${link.step}.${link.output}`)] as const)
    if (hashes.some(([, hash]) => hash === undefined)) return undefined
    const inputs = Object.fromEntries(hashes) as Record<string, string> // none is undefined
    const stored = await this.#options.remembered({ node, settings }, inputs, this.#seed)
    for (const output of stored ?? []) this.#hashes.set(`${name}.${output.name}`, output.hash)
    return stored && Object.fromEntries(stored.map((output) => [output.name, output.columns]))
  }

  async #type(
    name: string,
    node: CatalogueNode,
    settings: Record<string, unknown>,
    inputs: ReadonlyMap<string, LabelledTable>,
  ): Promise<PlannedStep['outputs'] | undefined> {
    const { services, workspace } = this.#options
    const place = (path: readonly (string | number)[]): Place => ({
      ...this.#source.place(['steps', name, ...path], path.length > 0 ? 'value' : 'key'),
      step: name,
    })
    try {
      const given = this.#options.secrets.reveal(resolvePaths(node, settings, workspace))
      return await typeOutputs(node, Object.fromEntries(inputs), given, {
        ...services,
        seed: this.#seed,
      })
    } catch (error) {
      if (!(error instanceof PolkuError)) throw error
      // Where a node could not be typed because a file is not there, that is the fault to tell.
      const missing = missingFile(node, settings, workspace)
      this.#errors.push(missing ? missing.error.at(place(['with', ...missing.path])) : error.at(place([])))
      return undefined
    }
  }

  async #checkStop(name: string, step: FlowStep, node: CatalogueNode): Promise<string | undefined> {
    if (step.stop === undefined) return undefined
    const place = { ...this.#source.place(['steps', name, 'stop']), step: name }
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
          place,
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
      this.#errors.push(error.at({ ...place, ...this.#source.place(['steps', name, 'stop'], 'value', offset) }))
    return expression
  }
}
