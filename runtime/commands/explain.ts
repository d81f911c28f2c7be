import { Workspace } from '../data/workspace.ts'
import { PolkuError } from '../errors/errors.ts'
import { plainDuration } from '../html/durations.ts'
import { findRun } from '../run/folder.ts'
import { say, sayJson } from './say.ts'

/** Why each step of a run was done or cached. */
export function explain(workspace: string, id: string, { json }: { readonly json: boolean }): void {
  const record = findRun(Workspace.open(workspace), id).record
  if (!record)
    throw new PolkuError('RUN_UNKNOWN', {
      run: id,
      actual: id,
      nearest: 'It has no run.json: it ended before its first step.',
    })
  const steps = record.steps.map(({ name, uses, status, cached, why, milliseconds, key }) => ({
    name,
    uses,
    status,
    cached,
    why,
    milliseconds,
    key,
  }))
  if (json) {
    sayJson({ run: record.run, flow: record.flow, status: record.status, steps })
    return
  }
  say(`${record.title}, run ${record.run}: ${record.status}\n`)
  const width = Math.max(...steps.map((step) => step.name.length))
  for (const { name, status, why, milliseconds } of steps) {
    const said = why || (status === 'skipped' ? 'not reached' : status)
    say(`  ${name.padEnd(width)}  ${said}${status === 'done' ? ` (${plainDuration(milliseconds)})` : ''}\n`)
  }
}
