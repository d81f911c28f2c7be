import { isName } from '../data/names.ts'
import { PolkuError } from '../errors/errors.ts'
import { type ParamValues, substitute } from './params.ts'
import type { Flow, FlowStep } from './schema.ts'

/** A step that runs a flow for each of several items. */
export interface FlowUse {
  readonly step: string
  readonly flow: string
  /** The flow's parameters, in which `${item}` and `${item.COLUMN}` stand for what an item gives. */
  readonly with: Readonly<Record<string, unknown>>
  /** The items; undefined where they are rows that come when it runs. */
  readonly items: readonly string[] | undefined
  /** The output of the flow that is gathered: STEP, or STEP.OUTPUT. */
  readonly gather: string | undefined
  readonly onFailure: 'stop' | 'continue'
  /** What of the step's keys makes no sense; undefined where all does. */
  readonly fault: PolkuError | undefined
}

const flowOf = (uses: string): string | undefined => /^flow\/(.+)$/.exec(uses)?.[1]

/** Whether it names a step's rows, rather than a parameter. */
const isRows = (forEach: FlowStep['for_each']): forEach is string =>
  typeof forEach === 'string' && !forEach.includes('${')

/** A step that runs a flow, as a use of the node that does so: its items are an input or a setting. */
export function desugarFlow(step: FlowStep): FlowStep {
  if (flowOf(step.uses) === undefined) return step
  const { for_each: forEach, with: params = {} } = step
  return isRows(forEach)
    ? { ...step, from: { items: forEach }, with: { params } }
    : { ...step, with: { params, items: forEach ?? [] } }
}

/** The steps of a flow that run flows, and those that say so without, by name. */
export function flowUses({ steps }: Flow, params: ParamValues, asOf: string): Map<string, FlowUse> {
  const uses = new Map<string, FlowUse>()
  for (const [name, step] of Object.entries(steps)) {
    const flow = flowOf(step.uses)
    const isForEach = step.for_each !== undefined || step.gather !== undefined || step.on_failure !== undefined
    if (flow === undefined && !isForEach) continue
    const items = isRows(step.for_each) ? undefined : substitute(step.for_each, params, asOf, () => undefined)
    uses.set(name, {
      step: name,
      flow: flow ?? '',
      with: step.with ?? {},
      items: items === undefined ? undefined : [items].flat().map(String),
      gather: step.gather,
      onFailure: step.on_failure ?? 'stop',
      fault: faultOf(step, flow),
    })
  }
  return uses
}

function faultOf(step: FlowStep, flow: string | undefined): PolkuError | undefined {
  const fault = (reason: string, right: string) => new PolkuError('FOR_EACH_INVALID', { reason, right })
  if (flow === undefined)
    return fault(`${step.uses} is no flow`, 'uses: flow/NAME, or a step without for_each, gather and on_failure.')
  if (!isName(flow)) return fault(`${flow} is no name of a flow`, 'uses: flow/NAME')
  if (step.for_each === undefined)
    return fault(
      'nothing is named to run it for',
      'for_each: with a list, ${params.LIST}, or a step whose rows are meant.',
    )
  if (step.from !== undefined) return fault('from has no meaning beside for_each', 'for_each: STEP')
  return undefined
}
