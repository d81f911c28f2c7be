import { html } from '../../html/html.ts'
import { listRuns } from '../../server/api/runs.ts'
import type { Page } from '../page.ts'
import { inputField, selectField } from '../parts/fields.ts'
import { nextLink } from '../parts/list.ts'
import type { Run } from '../parts/run-state.ts'
import { runTable } from '../parts/run-table.ts'
import { param, type Visit } from '../visit.ts'
import { toClient } from './client.ts'

const states: readonly { readonly value: Run['state'] | ''; readonly name: string }[] = [
  { value: '', name: 'Any' },
  { value: 'running', name: 'Running' },
  { value: 'queued', name: 'Queued' },
  { value: 'waiting', name: 'Waiting' },
  { value: 'done', name: 'Complete' },
  { value: 'failed', name: 'Failed' },
  { value: 'stopped', name: 'Stopped by a rule' },
  { value: 'cancelled', name: 'Cancelled' },
]

/** A client's runs, filtered as the address says. */
export async function showRuns(visit: Visit): Promise<Page> {
  const { api, query } = visit
  const client = param(visit, 'client')
  const flow = query.get('flow') || undefined
  const state = states.find(({ value }) => value !== '' && value === query.get('state'))?.value || undefined
  const { items, next } = await api.ask(listRuns, {
    params: { client },
    query: { flow, state: state && [state], cursor: query.get('cursor') ?? undefined },
  })
  const path = `/clients/${client}/runs`
  const body = html`<h1>Runs</h1>
<form method="get" action="${path}" class="panel filters">
${inputField({ name: 'flow', label: 'Flow', type: 'search', value: flow, hint: 'Its name, such as two' })}
${selectField({ name: 'state', label: 'State', value: state ?? '' }, states)}
<button class="plain">Show</button>
</form>
${runTable(items, html`<p>No run is like this. <a href="${path}">Show all runs</a>.</p>`)}
${nextLink(path, query, next)}`
  return { title: 'Runs', body, path: toClient(client) }
}
