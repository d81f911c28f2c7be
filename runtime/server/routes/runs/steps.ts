import type { FastifyInstance } from 'fastify'
import { shapeFaults } from '../../../data/shape.ts'
import type { Workspace } from '../../../data/workspace.ts'
import { PolkuError } from '../../../errors/errors.ts'
import { nearest } from '../../../errors/nearest.ts'
import { RunFolder } from '../../../run/folder.ts'
import { type RunRecord, runSchema, type StepRecord } from '../../../run/record.ts'
import type { Service } from '../../../service/service.ts'
import { getStep, listSteps } from '../../api/runs.ts'
import { serve } from '../../http/register.ts'
import { clientOf } from '../clients/clients.ts'
import { findRun } from './runs.ts'

/** What the steps of a run have done, as the run's folder tells it. */
export function steps(app: FastifyInstance, service: Service): void {
  serve(app, listSteps, async ({ params: { client, run }, query }) => {
    const { steps: all } = await recordOf(service, clientOf(service, client), run)
    const items = query.findings ? [...all] : all.map(({ findings: _findings, ...step }) => step)
    return { items, next: null }
  })

  serve(app, getStep, async ({ params: { client, run, step } }) =>
    stepOf(await recordOf(service, clientOf(service, client), run), step),
  )
}

/** Throws RUN_UNKNOWN, RUN_NOT_BEGUN where it has left nothing, RUN_RECORD_INVALID. */
export async function recordOf(service: Service, workspace: Workspace, run: string): Promise<RunRecord> {
  const { record } = new RunFolder(workspace, run)
  if (!record) {
    await findRun(service, workspace.client.client, run)
    throw new PolkuError('RUN_NOT_BEGUN', { run })
  }
  const [fault] = shapeFaults(runSchema, record)
  if (fault) throw new PolkuError('RUN_RECORD_INVALID', { run, found: fault.path.join('.') })
  return record
}

/** Throws STEP_UNKNOWN. */
export function stepOf({ steps: all }: RunRecord, name: string): StepRecord {
  const step = all.find((each) => each.name === name)
  if (step) return step
  const names = all.map((each) => each.name)
  throw new PolkuError('STEP_UNKNOWN', { step: name, found: name, nearest: nearest(name, names, 'step') })
}
