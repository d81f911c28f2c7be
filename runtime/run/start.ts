import { duckdbVersion } from '../data/database.ts'
import { polkuVersion } from '../data/installation.ts'
import type { Workspace } from '../data/workspace.ts'
import type { Plan, PlannedStep } from '../flow/plan.ts'
import type { RunRecord, StepRecord } from './record.ts'

/** The record of a step that has not begun. */
export const newStep = (step: PlannedStep): StepRecord => ({
  name: step.name,
  uses: step.uses,
  title: step.title,
  note: step.note,
  summary: step.node.definition.summary,
  from: step.links.map(({ input, step: from, output }) => ({ input, step: from, output })),
  settings: { ...step.settings },
  status: 'waiting',
  cached: false,
  why: '',
  milliseconds: 0,
  key: '',
  outputs: [],
  findings: [],
})

/** The record of a run that has not begun. */
export const newRecord = (plan: Plan, run: string, workspace: Workspace, startedAt: number): RunRecord => ({
  run,
  flow: plan.flow,
  title: plan.title,
  description: plan.description,
  client: workspace.client.title,
  status: 'running',
  asOf: plan.asOf,
  seed: plan.seed,
  params: { ...plan.params },
  highlights: plan.highlights.map((highlight) => ({ ...highlight })),
  startedAt: new Date(startedAt).toISOString(),
  milliseconds: 0,
  versions: {
    polku: polkuVersion,
    node: process.version,
    duckdb: duckdbVersion,
    platform: `${process.platform} ${process.arch}`,
  },
  steps: plan.steps.map(newStep),
})
