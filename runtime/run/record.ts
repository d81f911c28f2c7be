import { type Static, Type } from 'typebox'
import { duckdbVersion } from '../data/database.ts'
import { polkuVersion } from '../data/installation.ts'
import type { Workspace } from '../data/workspace.ts'
import { problemSchema } from '../errors/problem.ts'
import type { Plan, PlannedStep } from '../flow/plan.ts'

// What a run leaves behind. `run.json` in the run's folder, `polku run --json` and the report are all
// this one object; other programs depend on it, so a change here is a change of a contract.

const open = { additionalProperties: false }

const metricSchema = Type.Object(
  {
    kind: Type.Literal('metric'),
    name: Type.String(),
    label: Type.String(),
    value: Type.Union([Type.Number(), Type.Null()]),
    unit: Type.Optional(Type.Enum(['count', 'share', 'money', 'score', 'number', 'days', 'p'])),
    /** Of an amount of money, a code of ISO 4217. */
    currency: Type.Optional(Type.String()),
    interval: Type.Optional(Type.Tuple([Type.Number(), Type.Number()])),
    note: Type.Optional(Type.String()),
  },
  open,
)

const cell = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])

const findingSchema = Type.Union([
  metricSchema,
  Type.Object(
    {
      kind: Type.Literal('table'),
      title: Type.String(),
      columns: Type.Array(Type.String()),
      rows: Type.Array(Type.Array(cell)),
      note: Type.Optional(Type.String()),
    },
    open,
  ),
  Type.Object(
    {
      kind: Type.Literal('figure'),
      title: Type.String(),
      data: Type.Array(Type.Record(Type.String(), Type.Unknown())),
      layout: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
      description: Type.String(),
    },
    open,
  ),
  Type.Object(
    {
      kind: Type.Literal('note'),
      level: Type.Enum(['info', 'warning']),
      text: Type.String(),
    },
    open,
  ),
])

/** Findings as a notebook's output carries them, `application/vnd.polku.findings+json`. */
export const findingsSchema = Type.Object({ findings: Type.Array(findingSchema) }, open)

const outputSchema = Type.Object(
  {
    name: Type.String(),
    description: Type.String(),
    rows: Type.Integer(),
    columns: Type.Array(Type.Object({ name: Type.String(), type: Type.String() }, open)),
    /** Relative to the workspace. */
    path: Type.String(),
    hash: Type.String(),
    bytes: Type.Integer(),
  },
  open,
)

const stepSchema = Type.Object(
  {
    name: Type.String(),
    uses: Type.String(),
    title: Type.String(),
    summary: Type.String(),
    /** What the flow's author says of the step. */
    note: Type.Optional(Type.String()),
    from: Type.Array(Type.Object({ input: Type.String(), step: Type.String(), output: Type.String() }, open)),
    settings: Type.Record(Type.String(), Type.Unknown()),
    status: Type.Enum(['waiting', 'running', 'done', 'failed', 'stopped', 'skipped']),
    /** True when the result was taken from an earlier run. */
    cached: Type.Boolean(),
    /** Why the step was a hit or a miss, in words. */
    why: Type.String(),
    milliseconds: Type.Number(),
    /** The attempts that failed before the last one, where the step has a `retry`. */
    attempts: Type.Optional(Type.Array(Type.Object({ milliseconds: Type.Number(), problem: problemSchema }, open))),
    key: Type.String(),
    outputs: Type.Array(outputSchema),
    findings: Type.Array(findingSchema),
    problem: Type.Optional(problemSchema),
  },
  open,
)

export const runSchema = Type.Object(
  {
    run: Type.String({ description: 'The run id, also the name of its folder under .polku/runs' }),
    flow: Type.String(),
    title: Type.String(),
    description: Type.Optional(Type.String()),
    /** The workspace's name from client.yaml. */
    client: Type.String(),
    status: Type.Enum(['running', 'done', 'failed', 'stopped']),
    asOf: Type.String(),
    seed: Type.Integer(),
    params: Type.Record(Type.String(), Type.Unknown()),
    /** The metrics a reader shall see first, chosen by the flow's author; none where the report may choose. */
    highlights: Type.Array(Type.Object({ step: Type.String(), metric: Type.String() }, open)),
    startedAt: Type.String(),
    milliseconds: Type.Number(),
    /** polku, node, duckdb and the platform. */
    versions: Type.Record(Type.String(), Type.String()),
    steps: Type.Array(stepSchema),
    problem: Type.Optional(problemSchema),
    /** The HTML report, relative to the workspace. */
    report: Type.Optional(Type.String()),
  },
  { ...open, $id: 'https://polku.invalid/schema/run.json', title: 'A run of a Polku flow' },
)

export type RunRecord = Static<typeof runSchema>

export type StepRecord = Static<typeof stepSchema>
export type OutputRecord = Static<typeof outputSchema>

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
