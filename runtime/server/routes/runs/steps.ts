import { Type } from 'typebox'
import { shapeFaults } from '../../../data/shape.ts'
import type { Workspace } from '../../../data/workspace.ts'
import { PolkuError } from '../../../errors/errors.ts'
import { nearest } from '../../../errors/nearest.ts'
import { RunFolder } from '../../../run/folder.ts'
import { type RunRecord, runSchema, type StepRecord } from '../../../run/record.ts'
import type { Service } from '../../../service/service.ts'
import { workspaceOf } from '../../access/clients.ts'
import { everyRole } from '../../access/person.ts'
import { endpoint } from '../../http/endpoint.ts'
import { listOf, object, ofRun, stepName } from '../../http/schemas.ts'
import { findRun } from './answer.ts'

const step = runSchema.properties.steps.items
const { findings, ...properties } = step.properties

const listSteps = endpoint({
  name: 'listSteps',
  method: 'GET',
  url: '/clients/:client/runs/:run/steps',
  tag: 'runs',
  summary: 'The steps of a run that has begun: settings, outputs, why each was done or cached, and problems',
  allow: everyRole,
  audit: 'read findings',
  auditsWith: 'findings',
  params: ofRun,
  query: object({
    findings: Type.Optional(Type.Boolean({ description: 'Whether the findings of each are there too' })),
  }),
  answer: listOf(object({ ...properties, findings: Type.Optional(findings) })),
  handle: async ({ service, params: { client, run }, query }) => {
    const { steps: all } = await recordOf(service, workspaceOf(service, client), run)
    const items = query.findings ? [...all] : all.map(({ findings: _findings, ...step }) => step)
    return { items, next: null }
  },
})

const getStep = endpoint({
  name: 'getStep',
  method: 'GET',
  url: '/clients/:client/runs/:run/steps/:step',
  tag: 'runs',
  summary: 'One step of a run, with its findings',
  allow: everyRole,
  audit: 'read findings',
  params: object({ ...ofRun.properties, step: stepName }),
  answer: step,
  handle: async ({ service, params: { client, run, step } }) =>
    stepOf(await recordOf(service, workspaceOf(service, client), run), step),
})

/** Throws RUN_UNKNOWN, RUN_NOT_BEGUN where it has left nothing, RUN_RECORD_INVALID. */
export async function recordOf(service: Service, workspace: Workspace, run: string): Promise<RunRecord> {
  const { record } = new RunFolder(workspace, run)
  if (!record) {
    await findRun(service, workspace.client.client, run)
    throw new PolkuError('RUN_NOT_BEGUN', { run })
  }
  const [fault] = shapeFaults(runSchema, record)
  if (fault) throw new PolkuError('RUN_RECORD_INVALID', { run, actual: fault.path.join('.') })
  return record
}

/** Throws STEP_UNKNOWN. */
export function stepOf({ steps: all }: RunRecord, name: string): StepRecord {
  const step = all.find((each) => each.name === name)
  if (step) return step
  const names = all.map((each) => each.name)
  throw new PolkuError('STEP_UNKNOWN', { step: name, actual: name, nearest: nearest(name, names, 'step') })
}

export const steps = { listSteps, getStep }
