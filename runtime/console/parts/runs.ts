import type { Answer } from '../../client/client.ts'
import { duration } from '../../html/durations.ts'
import { timeOf } from '../../html/facts.ts'
import { type Html, html } from '../../html/html.ts'
import { day } from '../../html/numbers.ts'
import { badge, runStates } from '../../html/steps.ts'
import { runPath } from '../visit.ts'
import { tableOr } from './elements.ts'

export type Run = Answer<'getRun'>

export const runBadge = (state: Run['state']): Html => badge(runStates[state])

/** Whether a run has not come to its end. */
export const isUnderWay = (state: Run['state']): boolean => ['waiting', 'queued', 'running'].includes(state)

const kinds: Record<string, string> = {
  request: 'Asked for by',
  schedule: 'By the schedule',
  backfill: 'Of a backfill',
  dataset: 'New snapshot of',
  file: 'Arrival of',
  flow: 'End of',
  for_each: 'Child of',
  retry: 'Done again by',
}

/** What began a run, in words. */
export const cause = ({ kind, by }: Run['trigger']): string =>
  kind === 'schedule' || kind === 'backfill' ? (kinds[kind] ?? kind) : `${kinds[kind] ?? kind} ${by}`

/** What a run took from its start to its end; nothing while it is under way. */
export const tookOf = ({ startedAt, finishedAt }: Pick<Run, 'startedAt' | 'finishedAt'>): string | undefined =>
  startedAt === null || finishedAt === null ? undefined : duration(Date.parse(finishedAt) - Date.parse(startedAt))

const row = (run: Run): Html => html`<tr>
<td><a href="${runPath(run.client, run.id)}">${run.flow}</a></td>
<td>${runBadge(run.state)}${run.cancelling && isUnderWay(run.state) && ' being cancelled'}</td>
<td>${timeOf(run.requestedAt)}</td>
<td class="number">${tookOf(run) ?? '–'}</td>
<td>${day(run.asOf)}</td>
<td><bdi>${cause(run.trigger)}</bdi></td>
</tr>\n`

const columns = [
  { name: 'Run of' },
  { name: 'State' },
  { name: 'Asked for' },
  { name: 'Took', number: true },
  { name: 'As of' },
  { name: 'Why' },
]

/** Runs, the newest first, each with a link to its page. */
export const runTable = (runs: readonly Run[], empty: Html): Html => tableOr('Runs', columns, runs.map(row), empty)
