import { readFileSync } from 'node:fs'
import type { Column } from '../../nodes/node.ts'
import type { CatalogueNode } from '../catalogue/catalogue.ts'
import { hashText } from '../data/hash.ts'
import type { Workspace } from '../data/workspace.ts'
import { PolkuError, PolkuErrors } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'
import type { FlowUse } from '../flow/flow-use.ts'
import { resolveParams } from '../flow/params.ts'
import type { Plan } from '../flow/plan.ts'
import { readFlow } from '../flow/read-flow.ts'
import { runId } from '../run/folder.ts'
import { type ChildFlow, type ChildResult, forEachNode, type StartChildren } from '../run/for-each.ts'
import { fillItem, itemsIn } from '../run/item.ts'
import { silent } from '../run/progress.ts'
import type { RunRecord } from '../run/record.ts'
import type { FlowRequest, RunOptions } from './request.ts'

/** Another engine on the same workspace, for the runs that a run has asked for. */
interface ChildEngine {
  run(request: FlowRequest, options: RunOptions): Promise<RunRecord>
  close(): Promise<void>
}

interface Options {
  readonly workspace: Workspace
  /** The file of a flow. Throws FLOW_NOT_FOUND. */
  readonly fileOf: (flow: string) => string
  readonly open: () => Promise<ChildEngine>
}

/** The flows that a client's flows run for each of several items. */
export class ChildFlows {
  readonly #options: Options
  #start: StartChildren | undefined

  constructor(options: Options) {
    this.#options = options
  }

  /** The node that does a step. Throws FOR_EACH_*, GATHER_UNKNOWN, or PolkuErrors with what is wrong with its flow. */
  async node(
    use: FlowUse,
    plan: (flow: string, params: FlowRequest['params']) => Promise<Plan>,
  ): Promise<CatalogueNode> {
    if (use.fault) throw use.fault
    const child = this.#read(use.flow)
    this.#refuseCircle(use.flow, [])
    const params = sample(use, child)
    const planned = params instanceof PolkuError ? undefined : await plan(use.flow, params)
    return forEachNode({
      use,
      child,
      gathered: use.gather === undefined ? undefined : gathered(use, planned ?? params),
      workspace: this.#options.workspace,
      start: (...request) => {
        if (!this.#start) throw new Error('No run goes on that could ask for others.')
        return this.#start(...request)
      },
    })
  }

  /** Has what a run asks for done by `options.children`, or here, one after the other. */
  begin(run: string, asOf: string, options: RunOptions): void {
    this.#start = options.children ?? this.#here(run, asOf, options)
  }

  #read(flow: string): ChildFlow {
    const file = this.#options.fileOf(flow)
    const text = readFileSync(file, 'utf8')
    return { file, text, ...readFlow(text, this.#options.workspace.relative(file)) }
  }

  /** Throws FOR_EACH_CIRCLE where a flow runs one that runs it. */
  #refuseCircle(flow: string, trail: readonly string[]): void {
    if (trail.includes(flow))
      throw new PolkuError('FOR_EACH_CIRCLE', { path: [...trail.slice(trail.indexOf(flow)), flow].join(' → ') })
    for (const { uses } of Object.values(this.#read(flow).flow.steps)) {
      const next = /^flow\/(.+)$/.exec(uses)?.[1]
      if (next !== undefined) this.#refuseCircle(next, [...trail, flow])
    }
  }

  #here(parent: string, asOf: string, { now, secrets }: RunOptions): StartChildren {
    return async (step, requests, { signal, onProgress }) => {
      const engine = await this.#options.open()
      try {
        const results: ChildResult[] = []
        for (const [index, { flow, params }] of requests.entries()) {
          if (signal.aborted) throw new PolkuError('RUN_CANCELLED')
          const id = childId(parent, step, flow, requests.length - index)
          const options = { id, progress: silent, signal, now, secrets }
          results.push(await resultOf(id, () => engine.run({ flow, params, asOf }, options)))
          onProgress((index + 1) / requests.length)
        }
        return results
      } finally {
        await engine.close()
      }
    }
  }
}

async function resultOf(id: string, work: () => Promise<RunRecord>): Promise<ChildResult> {
  try {
    const { status, problem } = await work()
    return { run: id, status, problem }
  } catch (error) {
    if (!(error instanceof PolkuErrors || error instanceof PolkuError)) throw error
    const [first] = error instanceof PolkuErrors ? error.errors : [error]
    return { run: id, status: 'failed', problem: first?.toProblem() }
  }
}

/**
 * The same id for the same item, so that a run that goes on after a crash finds what it began. In order they come `before`
 * their parent's, which stays the latest.
 */
function childId(parent: string, step: string, flow: string, before: number): string {
  const [, day = '', time = ''] = /^(\d{8})-(\d{9})-/.exec(parent) ?? []
  const iso = `${day}${time}`.replace(/(....)(..)(..)(..)(..)(..)(...)/, '$1-$2-$3T$4:$5:$6.$7Z')
  const salt = hashText(`${parent} ${step}`).slice(0, 4)
  return runId(flow, Date.parse(iso) - before, salt)
}

/** The parameters of some run of the flow, by which it is checked; the fault where only an item can tell them. */
function sample({ with: settings, items }: FlowUse, { flow, source }: ChildFlow): Record<string, unknown> | PolkuError {
  const [item] = items ?? []
  const isOfItem = ([, value]: [string, unknown]) => itemsIn(value).length > 0
  const fixed =
    item === undefined ? Object.fromEntries(Object.entries(settings).filter((entry) => !isOfItem(entry))) : settings
  const params = fillItem(fixed, item ?? '')
  const errors: PolkuError[] = []
  resolveParams(flow, source, params, errors)
  const open = errors.filter(
    ({ code, values }) => code === 'PARAM_MISSING' && Object.hasOwn(settings, String(values.param)),
  )
  const wrong = errors.filter((error) => !open.includes(error))
  if (wrong.length > 0) throw wrong.length === 1 ? wrong[0] : new PolkuErrors(wrong)
  return open[0] ?? params
}

/** The columns of the output that is gathered. Throws GATHER_UNKNOWN, STEP_UNKNOWN, OUTPUT_UNKNOWN. */
function gathered(
  { gather = '', flow }: FlowUse,
  plan: Plan | Record<string, unknown> | PolkuError,
): readonly Column[] {
  if (plan instanceof PolkuError)
    throw new PolkuError('GATHER_UNKNOWN', { gather, flow, reason: plan.message, actual: gather })
  const { steps } = plan as Plan // parameters alone come with no plan only where they are a fault
  const [name = '', output] = gather.split('.')
  const step = steps.find((each) => each.name === name)
  const names = steps.map((each) => each.name)
  if (!step) throw new PolkuError('STEP_UNKNOWN', { step: name, actual: name, nearest: nearest(name, names, 'step') })
  const outputs = Object.keys(step.outputs)
  const columns = step.outputs[output ?? outputs[0] ?? '']
  if (columns) return columns
  const values = { step: name, node: step.node.name, output, actual: output }
  throw new PolkuError('OUTPUT_UNKNOWN', { ...values, nearest: nearest(output ?? '', outputs, 'output') })
}
