import { type Html, html } from '../../html/html.ts'
import { day, duration } from '../../html/numbers.ts'
import { tableOr } from './list.ts'
import { cause, isGoing, type Run, runBadge, timeOf } from './run-state.ts'

/** What a run took from its start to its end; nothing while it goes on. */
export const tookOf = ({ startedAt, finishedAt }: Pick<Run, 'startedAt' | 'finishedAt'>): string | undefined =>
  startedAt === null || finishedAt === null ? undefined : duration(Date.parse(finishedAt) - Date.parse(startedAt))

const row = (run: Run): Html => html`<tr>
<td><a href="/clients/${run.client}/runs/${run.id}">${run.flow}</a></td>
<td>${runBadge(run.state)}${run.cancelling && isGoing(run.state) && ' being cancelled'}</td>
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
