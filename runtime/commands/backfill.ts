import { readFileSync } from 'node:fs'
import type { Engine } from '../engine/engine.ts'
import { PolkuError, PolkuErrors } from '../errors/errors.ts'
import type { ProblemRecord } from '../errors/problem.ts'
import { toProblems } from '../errors/problems.ts'
import { backfillDates } from '../flow/backfill.ts'
import { readFlow } from '../flow/read-flow.ts'
import { plainDuration } from '../html/durations.ts'
import { openEngine } from '../notebook/step/provider.ts'
import { newRunId } from '../run/folder.ts'
import { silent } from '../run/progress.ts'
import { paramsOf } from './params.ts'
import { isUsage, printProblems } from './problems.ts'
import { say, sayJson } from './say.ts'

export interface BackfillOptions {
  readonly from: string
  readonly to: string
  readonly atOnce: number
  readonly keepGoing: boolean
  readonly param: readonly string[]
  readonly json: boolean
}

interface DateRun {
  readonly asOf: string
  readonly status: string
  readonly run?: string
  readonly milliseconds?: number
  readonly problem?: ProblemRecord
}

/**
 * Runs a flow for past dates, in order, at most so many at once; a date that fails lets no further one begin unless
 * told so. Throws BACKFILL_RANGE, PolkuErrors where the flow does not check.
 */
export async function backfill(workspace: string, flow: string, options: BackfillOptions): Promise<void> {
  if (!Number.isInteger(options.atOnce) || options.atOnce < 1 || options.atOnce > 16)
    throw new PolkuError('USAGE', { reason: '--at-once is a whole number from 1 to 16.' })
  const params = paramsOf(options.param)
  const cancel = new AbortController()
  const onSignal = () => cancel.abort()
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal)
  const engines = [await openEngine(workspace)]
  try {
    const [first] = engines
    if (!first) throw new Error('No engine was opened.')
    const file = first.flowFile(flow)
    const dates = backfillDates(
      readFlow(readFileSync(file, 'utf8'), first.workspace.relative(file)).flow,
      first.workspace,
      options.from,
      options.to,
      Date.now(),
    )
    await first.check({ flow, params, asOf: dates[0] ?? options.from })
    while (engines.length < Math.min(options.atOnce, dates.length)) engines.push(await openEngine(workspace))
    if (!options.json) say(`${dates.length} dates of ${flow}, from ${dates[0]} to ${dates.at(-1)}\n`)
    const runs = await runDates(dates, engines, options, (engine, asOf) =>
      runDate(engine, { flow, params, asOf }, cancel.signal),
    )
    printEnd(dates, runs, options.json)
    process.exitCode = runs.length === dates.length && runs.every(({ status }) => status === 'done') ? 0 : 1
  } catch (error) {
    if (!options.json || isUsage(error)) throw error
    sayJson({ status: 'invalid', problems: toProblems(error) })
    process.exitCode = 1
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
    for (const engine of engines) await engine.close()
  }
}

/** Each engine takes the next date whenever it has done one. */
async function runDates(
  dates: readonly string[],
  engines: readonly Engine[],
  { keepGoing, json }: BackfillOptions,
  run: (engine: Engine, asOf: string) => Promise<DateRun>,
): Promise<DateRun[]> {
  const runs: DateRun[] = []
  const waiting = [...dates]
  let isStopped = false
  const work = async (engine: Engine): Promise<void> => {
    for (let asOf = waiting.shift(); asOf !== undefined && !isStopped; asOf = isStopped ? undefined : waiting.shift()) {
      const done = await run(engine, asOf)
      runs.push(done)
      if (!json) printDate(done)
      const isCancelled = done.problem?.code === 'RUN_CANCELLED'
      if (isCancelled || (done.status !== 'done' && !keepGoing)) isStopped = true
    }
  }
  await Promise.all(engines.map(work))
  return runs.sort((left, right) => (left.asOf < right.asOf ? -1 : 1))
}

async function runDate(engine: Engine, request: Parameters<Engine['run']>[0], signal: AbortSignal): Promise<DateRun> {
  const { asOf, flow } = request
  try {
    const id = newRunId(flow.replace(/^.*\/|\.ya?ml$/g, ''), Date.now())
    const record = await engine.run(request, { id, progress: silent, signal, now: Date.now })
    const { run, status, milliseconds, problem } = record
    return { asOf, status, run, milliseconds, problem }
  } catch (error) {
    if (!(error instanceof PolkuError || error instanceof PolkuErrors)) throw error
    return { asOf, status: 'failed', problem: toProblems(error)[0] }
  }
}

function printDate({ asOf, status, run, milliseconds, problem }: DateRun): void {
  const how = [status, milliseconds === undefined ? '' : plainDuration(milliseconds), run && `run ${run}`]
  say(`  ${asOf}  ${how.filter(Boolean).join(', ')}\n`)
  if (problem) printProblems([problem], process.stderr)
}

function printEnd(dates: readonly string[], runs: readonly DateRun[], json: boolean): void {
  const done = runs.filter(({ status }) => status === 'done').length
  if (json) sayJson({ status: done === dates.length ? 'done' : 'failed', dates: dates.length, runs })
  else
    say(
      `${done} of ${dates.length} dates are done${runs.length < dates.length ? `, ${dates.length - runs.length} were not begun` : ''}.\n`,
    )
}
