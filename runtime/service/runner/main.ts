import { ownNodes } from '../../catalogue/node-declaration.ts'
import type { Engine } from '../../engine/engine.ts'
import { asPolkuError, PolkuError, PolkuErrors } from '../../errors/errors.ts'
import type { ProblemRecord } from '../../errors/problem.ts'
import { stepRows } from '../../html/step-rows.ts'
import { publishAs } from '../../model/publisher.ts'
import { openEngine } from '../../notebook/step/provider.ts'
import { Parked, type StartChildren } from '../../run/for-each.ts'
import type { RunRecord } from '../../run/record.ts'
import { Secrets, type SecretValues } from '../../step/secrets.ts'
import type { CheckOrder, FromRunner, RequestedRuns, RunnerEnding, RunOrder, ToRunner } from './messages.ts'
import { nodesState } from './nodes-state.ts'
import { sentProgress } from './progress.ts'

// A process that does one run at a time, all of one client. It ends with the worker that started it.

/** Bytes that DuckDB may take before it uses the disk: its part of what the process may. */
const databaseMemory = Number(process.argv[2])

let engine: Engine | undefined
let loaded = ''
let cancel = new AbortController()
let handOver = false

let secrets = new Secrets()
let isWatched = false

/** From now on, nothing that this process prints holds one of these. */
function redactOutput(values: SecretValues): void {
  secrets = new Secrets(values)
  if (isWatched || secrets.isEmpty) return
  isWatched = true
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream)
    stream.write = ((chunk: string | Uint8Array, ...others: []) => {
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8')
      return write(secrets.redact(text), ...others)
    }) as typeof stream.write // what follows the text is passed on as it came
  }
}

const send = (message: FromRunner): void => void process.send?.(message)

function toErrors(error: unknown, folder: string): readonly [PolkuError, ...PolkuError[]] {
  const translated = asPolkuError(error, folder)
  if (translated instanceof PolkuErrors && translated.errors[0])
    return [translated.errors[0], ...translated.errors.slice(1)]
  if (translated instanceof PolkuError) return [translated]
  return [new PolkuError('INTERNAL', { reason: translated instanceof Error ? translated.message : String(translated) })]
}

const toProblem = (error: unknown, folder: string): ProblemRecord => toErrors(error, folder)[0].toProblem()

const stateOf = ({ status, problem }: RunRecord): RunnerEnding['state'] => {
  if (status === 'running') return 'handed over'
  return problem?.code === 'RUN_CANCELLED' ? 'cancelled' : status
}

async function perform(order: RunOrder): Promise<RunnerEnding> {
  const before = process.cpuUsage()
  const usage = (rows: number) => {
    const { user, system } = process.cpuUsage(before)
    return {
      cpuMilliseconds: Math.round((user + system) / 1000),
      peakBytes: process.resourceUsage().maxRSS * 1024,
      rows,
    }
  }
  try {
    engine ??= await openEngine(order.folder, { memory: databaseMemory })
    const { flow, params, asOf, from, run: id, secrets } = order
    publishAs(order.by)
    redactOutput(secrets)
    const progress = sentProgress(
      (steps, events) => send({ type: 'progress', steps, events }),
      (milliseconds, problem) => send({ type: 'deadline', milliseconds, problem }),
    )
    let requested: RequestedRuns | undefined
    const children: StartChildren = (step, requests) => {
      const ended = order.children[step]
      if (ended?.length === requests.length) return Promise.resolve(ended)
      requested = { step, requests }
      return Promise.reject(new Parked('It waits for the runs it has requested.'))
    }
    const record = await engine.run(
      { flow, params, asOf },
      // A report is made when somebody opens it.
      {
        id,
        from,
        progress,
        signal: cancel.signal,
        now: Date.now,
        handOver: () => handOver,
        secrets,
        children,
        report: 'later',
      },
    )
    if (requested && record.status === 'running') return { state: 'waiting', requested, usage: usage(0) }
    const rows = record.steps.reduce(
      (sum, { cached, outputs }) => sum + (cached ? 0 : (stepRows(outputs).rows ?? 0)),
      0,
    )
    return { state: stateOf(record), problem: record.problem, usage: usage(rows) }
  } catch (error) {
    return { state: 'failed', problem: toProblem(error, order.folder), usage: usage(0) }
  }
}

async function check({ folder, flow, text, asOf, givenLater, secrets }: CheckOrder): Promise<readonly ProblemRecord[]> {
  try {
    engine ??= await openEngine(folder, { memory: databaseMemory })
    redactOutput(secrets)
    await engine.check({ flow, text, params: {}, asOf }, new Secrets(secrets))
    return []
  } catch (error) {
    const isLater = ({ code, values }: PolkuError) =>
      code === 'PARAM_MISSING' && givenLater.includes(String(values.param))
    return toErrors(error, folder).flatMap((each) => (isLater(each) ? [] : [each.toProblem()]))
  }
}

async function take(order: RunOrder): Promise<void> {
  const state = nodesState(order.folder)
  if (engine && state !== loaded) return send({ type: 'stale' })
  loaded = state
  cancel = new AbortController()
  handOver = false
  const ending = await perform(order)
  send({ type: 'ended', ending, spoilt: engine?.isSpoilt ?? false })
}

process.on('message', (message: ToRunner) => {
  if (message.type === 'run') void take(message.order)
  if (message.type === 'check') void check(message.order).then((problems) => send({ type: 'checked', problems }))
  if (message.type === 'nodes') void ownNodes(message.folder).then((nodes) => send({ type: 'nodes', nodes }))
  if (message.type === 'cancel') cancel.abort()
  if (message.type === 'hand over') handOver = true
})
process.on('disconnect', () => process.exit())
send({ type: 'ready' })
