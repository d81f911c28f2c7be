import { join, relative } from 'node:path'
import { isDate } from '../data/dates.ts'
import type { Engine } from '../engine/engine.ts'
import { type FlowRequest, requestOfRun } from '../engine/request.ts'
import { PolkuError, PolkuErrors } from '../errors/errors.ts'
import { toProblems } from '../errors/problems.ts'
import { openEngine } from '../notebook/step/provider.ts'
import { bars, lines, silent } from '../run/progress.ts'
import type { RunRecord } from '../run/record.ts'
import { typeFaults } from './check-types.ts'
import { paramsOf } from './params.ts'
import { isUsage, printProblems } from './problems.ts'
import { say, sayJson } from './say.ts'
import { summarise } from './summary.ts'

interface FlowOptions {
  readonly param: readonly string[]
  readonly asOf?: string
  readonly json: boolean
}

/** What the command line asked for. Throws USAGE for `--param` without `=`, AS_OF_INVALID. */
function request(
  { workspace }: Engine,
  flow: string,
  { param, asOf = workspace.today(Date.now()) }: FlowOptions,
): FlowRequest {
  if (!isDate(asOf)) throw new PolkuError('AS_OF_INVALID', { value: asOf, actual: asOf })
  return { flow, params: paramsOf(param), asOf }
}

/** Opens the workspace, works, and closes it. With `--json`, faults are one JSON object too. */
async function withEngine(workspace: string, json: boolean, work: (engine: Engine) => Promise<void>): Promise<void> {
  let engine: Engine | undefined
  try {
    engine = await openEngine(workspace)
    await work(engine)
  } catch (error) {
    if (!json || isUsage(error)) throw error
    sayJson({ status: 'invalid', problems: toProblems(error) })
    process.exitCode = 1
  } finally {
    await engine?.close()
  }
}

export function check(workspace: string, flow: string, options: FlowOptions): Promise<void> {
  return withEngine(workspace, options.json, async (engine) => {
    const plan = await engine.check(request(engine, flow, options))
    const faults = await typeFaults(
      engine.workspace,
      plan.steps.map(({ node }) => node),
    )
    if (faults.length > 0) throw new PolkuErrors(faults)
    const steps = plan.steps.map(({ name, uses, outputs }) => ({ name, uses, outputs }))
    if (options.json) return sayJson({ status: 'valid', flow: plan.flow, steps })
    say(`${plan.title} is right: ${steps.length} steps.\n`)
    for (const { name, uses, outputs } of steps) {
      const tables = Object.entries(outputs).map(([output, columns]) => `${output} (${columns.length} columns)`)
      say(`  ${name.padEnd(Math.max(...steps.map((step) => step.name.length)))}  ${uses}  → ${tables.join(', ')}\n`)
    }
  })
}

export function run(
  workspace: string,
  flow: string | undefined,
  options: FlowOptions & { readonly fromStep?: string; readonly resume?: string },
): Promise<void> {
  if ((flow === undefined) === (options.resume === undefined))
    throw new PolkuError('USAGE', { reason: 'Name a flow, or a run with --resume.' })
  if (options.fromStep !== undefined && options.resume !== undefined)
    throw new PolkuError('USAGE', { reason: '--from-step begins a new run, and --resume goes on with an old one.' })
  return withEngine(workspace, options.json, async (engine) => {
    const requested = options.resume
      ? requestOfRun(engine.workspace, options.resume)
      : request(engine, flow ?? '', options)
    const cancel = new AbortController()
    const onSignal = () => cancel.abort()
    process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
    const progress = options.json ? silent : process.stdout.isTTY ? bars(process.stdout) : lines(process.stdout)
    const { resume, fromStep: from } = options
    const record = await engine.run(requested, { progress, signal: cancel.signal, now: Date.now, resume, from })
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
    if (options.json) sayJson(record)
    else printEnd(record, engine)
    process.exitCode = record.status === 'done' ? 0 : 1
    // A step that goes on although it was to end does not keep the command from ending.
    if (engine.isSpoilt) setTimeout(() => process.exit(), 1000).unref()
  })
}

function printEnd(record: RunRecord, engine: Engine): void {
  say(summarise(record))
  if (record.problem) printProblems([record.problem], process.stderr)
  if (record.report) say(`Report: ${relative(process.cwd(), join(engine.workspace.root, record.report))}\n`)
}
