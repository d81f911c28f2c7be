import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { printProblems } from '../../runtime/commands/problems.ts'
import { writeSchema } from '../../runtime/commands/schema.ts'
import { approveModel } from '../../runtime/engine/approval.ts'
import type { Engine } from '../../runtime/engine/engine.ts'
import { toProblems } from '../../runtime/errors/problems.ts'
import { plainDuration } from '../../runtime/html/durations.ts'
import { fixed, formatMetric } from '../../runtime/html/numbers.ts'
import { openEngine } from '../../runtime/notebook/step/provider.ts'
import { bars, lines } from '../../runtime/run/progress.ts'
import type { RunRecord, StepRecord } from '../../runtime/run/record.ts'
import { writeWhole } from './generator/csv.ts'
import { generate } from './generator/files.ts'
import { openMarket, outcomesCsv } from './generator/market.ts'

// The whole path on the example client: its raw files, their health, the customers at risk, a target
// group with a control group, the market's answer, and what the campaign brought.

const workspace = import.meta.dirname
const data = join(workspace, 'data')
const started = Date.now()
const campaignDay = '2026-10-01'
const measuringDay = '2026-12-30'

/** A run that must end well; otherwise the demo ends with its problem. */
async function mustRun(engine: Engine, flow: string, asOf: string): Promise<RunRecord> {
  const progress = process.stdout.isTTY ? bars(process.stdout) : lines(process.stdout)
  const record = await engine.run(
    { flow, params: {}, asOf },
    { progress, signal: new AbortController().signal, now: Date.now },
  )
  if (record.status === 'done') return record
  printProblems(record.problem ? [record.problem] : [], process.stderr)
  throw new Error(`The flow ${flow} ended as ${record.status}.`)
}

const step = (record: RunRecord, name: string): StepRecord => {
  const step = record.steps.find((candidate) => candidate.name === name)
  if (!step) throw new Error(`The flow ${record.flow} has no step ${name}.`)
  return step
}

/** A metric as the report shows it. */
const metric = (record: RunRecord, stepName: string, name: string): string => {
  const metric = step(record, stepName).findings.find((finding) => finding.kind === 'metric' && finding.name === name)
  if (metric?.kind !== 'metric') throw new Error(`The step ${stepName} gives no ${name}.`)
  return formatMetric(metric)
}

const rows = (record: RunRecord, stepName: string, output = 0): string =>
  fixed(step(record, stepName).outputs[output]?.rows ?? 0)

/** What the customers did in the ninety days after the contacts: the generator knows, because it decides it. */
async function respond(engine: Engine, campaign: RunRecord): Promise<void> {
  const contacts = step(campaign, 'contacts_out').outputs[0]
  const text = await engine.tableCsv(join(workspace, contacts?.path ?? ''))
  const [head = '', ...contactLines] = text.trimEnd().split('\n')
  const group = head.split(',').indexOf('campaign_group')
  const contacted = contactLines
    .map((line) => line.split(','))
    .filter((cells) => cells[group] === 'treated')
    .map((cells) => cells[0] ?? '')
  const options = JSON.parse(readFileSync(join(data, 'generated.json'), 'utf8')) // generate() wrote it a moment ago
  writeWhole(join(data, 'outcomes.csv'), outcomesCsv(openMarket(options).outcomes(contacted)))
}

/** Approves the churn model that the campaign learnt, on the report of that run; a reviewer would read it first. */
async function approveChurn(engine: Engine, campaign: RunRecord): Promise<string> {
  const text = await engine.tableCsv(join(workspace, step(campaign, 'churn').outputs[0]?.path ?? ''))
  const [name, version] = text.split('\n')[1]?.split(',') ?? []
  const model = `${name}@${version}`
  const { report = '' } = campaign
  const note = 'Better than chance on customers it had not seen'
  approveModel(engine.workspace, {
    model,
    report: join(workspace, report),
    by: 'Aino Esimerkki',
    note,
    now: Date.now(),
  })
  return model
}

function summary(health: RunRecord, campaign: RunRecord, measured: RunRecord, model: string): string {
  const facts: [string, string][] = [
    ['Customers read', rows(health, 'customers')],
    ['Duplicates found', metric(health, 'people', 'duplicates')],
    ['Data health', `${metric(health, 'health', 'score')} of 100`],
    ['Churn model’s AUC', metric(campaign, 'churn', 'auc')],
    ['Approved', `${model} on the campaign’s report`],
    ['Target group', `${rows(campaign, 'groups')} contacted`],
    ['Control group', `${rows(campaign, 'groups', 1)} left alone`],
    ['Measured lift', `${metric(measured, 'effect', 'lift')} more stayed`],
    ['Return on the campaign', metric(measured, 'effect', 'romi')],
  ]
  return facts.map(([name, value]) => `  ${name.padEnd(24)}${value}\n`).join('')
}

async function demo(): Promise<void> {
  process.stdout.write('An electricity retailer, invented: writing its data.\n')
  const { files } = generate({ out: data })
  for (const { name, rows: count } of files) process.stdout.write(`  ${name.padEnd(24)}${fixed(count)} rows\n`)
  await writeSchema(workspace)
  const engine = await openEngine(workspace)
  try {
    const health = await mustRun(engine, 'health', campaignDay)
    const campaign = await mustRun(engine, 'save-at-risk', campaignDay)
    const model = await approveChurn(engine, campaign)
    await respond(engine, campaign)
    const measured = await mustRun(engine, 'measure-save-at-risk', measuringDay)
    process.stdout.write(
      `\nDone in ${plainDuration(Date.now() - started)}.\n${summary(health, campaign, measured, model)}`,
    )
    for (const [name, record] of [
      ['Data health', health],
      ['Target group', campaign],
      ['What it brought', measured],
    ] as const)
      process.stdout.write(
        `  ${`Report: ${name}`.padEnd(24)}${relative(process.cwd(), join(workspace, record.report ?? ''))}\n`,
      )
  } finally {
    await engine.close()
  }
}

try {
  await demo()
} catch (error) {
  printProblems(toProblems(error), process.stderr)
  process.exitCode = 1
}
