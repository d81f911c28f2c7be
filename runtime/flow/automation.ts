import { posix } from 'node:path'
import type { Catalogue } from '../catalogue/catalogue.ts'
import { flowNames, ownFlowFile, ownFlowNames, textIfThere } from '../catalogue/flow-files.ts'
import type { Workspace } from '../data/workspace.ts'
import { PolkuError, PolkuErrors } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'
import { triggerCircle } from './flow-effects.ts'
import { readFlow } from './read-flow.ts'
import { type Schedule, scheduleFault } from './schedule.ts'
import type { Flow, FlowTrigger } from './schema.ts'
import type { Source } from './source.ts'

/** A flow's schedule with its time zone: its own, the client's, or UTC. */
export const scheduleOf = ({ schedule }: Flow, workspace: Workspace): Schedule | undefined =>
  schedule && { cron: schedule.cron, timezone: schedule.timezone ?? workspace.timezone }

/** The folder that a file trigger watches, relative to the workspace, and the pattern of names in it. */
export function watchedFolder({ file = '' }: FlowTrigger): { folder: string; pattern: string } {
  const { dir, base } = posix.parse(posix.normalize(file))
  return { folder: dir || '.', pattern: base }
}

interface AutomationOptions {
  readonly workspace: Workspace
  readonly catalogue: Catalogue
  /** ISO date. */
  readonly asOf: string
}

/** Pushes what is wrong with a flow's schedule and triggers to `errors`. */
export async function checkAutomation(
  flow: Flow,
  source: Source,
  { workspace, catalogue, asOf }: AutomationOptions,
  errors: PolkuError[],
): Promise<void> {
  const schedule = scheduleOf(flow, workspace)
  const fault = schedule && scheduleFault(schedule, Date.parse(asOf))
  if (fault) errors.push(fault.at(source.position(['schedule', fault.code === 'SCHEDULE_ZONE' ? 'timezone' : 'cron'])))
  const { triggers = [] } = flow
  if (triggers.length === 0) return
  const flows = flowsBeside(workspace, flow)
  for (const [index, trigger] of triggers.entries())
    for (const { error, key } of triggerFaults(trigger, flow, flows, workspace))
      errors.push(error.at(source.position(key ? ['triggers', index, key] : ['triggers', index])))
  const circle = await triggerCircle(flow.flow, flows, catalogue)
  if (circle)
    errors.push(new PolkuError('TRIGGER_CIRCLE', { path: circle.join(' → ') }).at(source.position(['triggers'], 'key')))
}

/** The client's flows by name, with `flow` as it is being checked. Files that are no flows are told where they are checked. */
function flowsBeside(workspace: Workspace, flow: Flow): Map<string, Flow> {
  const flows = new Map<string, Flow>()
  for (const name of ownFlowNames(workspace)) {
    const text = textIfThere(ownFlowFile(workspace, name))
    try {
      if (text !== undefined) flows.set(name, readFlow(text, name).flow)
    } catch (error) {
      if (!(error instanceof PolkuErrors)) throw error
    }
  }
  return flows.set(flow.flow, flow)
}

interface TriggerFault {
  readonly error: PolkuError
  readonly key?: keyof FlowTrigger
}

const invalid = (reason: string, right: string, key?: keyof FlowTrigger): TriggerFault => ({
  error: new PolkuError('TRIGGER_INVALID', { reason, right }),
  key,
})

/** Which keys belong to which kind of trigger. */
const kinds = { dataset: [], file: ['param', 'quiet'], flow: ['on'] } as const

function triggerFaults(
  trigger: FlowTrigger,
  flow: Flow,
  flows: ReadonlyMap<string, Flow>,
  workspace: Workspace,
): TriggerFault[] {
  const named = (['dataset', 'file', 'flow'] as const).filter((kind) => trigger[kind] !== undefined)
  const [kind] = named
  if (!kind || named.length > 1)
    return [invalid(kind ? `it names ${named.join(' and ')}` : 'it names nothing', 'One of dataset, file and flow.')]
  const allowed: readonly string[] = [kind, ...kinds[kind]]
  const faults = (['param', 'quiet', 'on'] as const)
    .filter((key) => trigger[key] !== undefined && !allowed.includes(key))
    .map((key) =>
      invalid(
        `${key} says nothing of a ${kind}`,
        `${kind}: with ${allowed.slice(1).join(', ') || 'nothing else'}.`,
        key,
      ),
    )
  if (kind === 'file') faults.push(...fileFaults(trigger, flow, workspace))
  const names = [...flows.keys(), ...flowNames(workspace)]
  if (trigger.flow !== undefined && !names.includes(trigger.flow)) {
    const near = nearest(trigger.flow, names, 'flow')
    const error = new PolkuError('FLOW_NOT_FOUND', { flow: trigger.flow, actual: trigger.flow, nearest: near })
    faults.push({ error, key: 'flow' })
  }
  return faults
}

function fileFaults(trigger: FlowTrigger, flow: Flow, workspace: Workspace): TriggerFault[] {
  const faults: TriggerFault[] = []
  const { folder, pattern } = watchedFolder(trigger)
  if (/[*?]/.test(folder) || !pattern || trigger.file?.endsWith('/'))
    faults.push(invalid(`${trigger.file} does not name files of one folder`, 'Such as inbox/*.csv.', 'file'))
  else
    try {
      workspace.resolve(folder)
    } catch (error) {
      if (!(error instanceof PolkuError)) throw error
      faults.push({ error, key: 'file' })
    }
  if (trigger.param === undefined) return faults
  const param = Object.hasOwn(flow.params ?? {}, trigger.param) ? flow.params?.[trigger.param] : undefined
  if (!param) {
    const names = Object.keys(flow.params ?? {})
    const near = nearest(trigger.param, names, 'parameter')
    const error = new PolkuError('PARAM_UNKNOWN', { param: trigger.param, actual: trigger.param, nearest: near })
    faults.push({ error, key: 'param' })
  } else if (param.type !== 'text')
    faults.push(invalid(`the parameter ${trigger.param} is a ${param.type}`, 'A parameter of type text.', 'param'))
  return faults
}
