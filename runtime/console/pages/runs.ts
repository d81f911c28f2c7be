import { html } from '../../html/html.ts'
import { runStates } from '../../html/steps.ts'
import type { Page } from '../page.ts'
import { nextLink } from '../parts/elements.ts'
import { inputField, selectField } from '../parts/fields.ts'
import { type Run, runTable } from '../parts/runs.ts'
import { clientPath, param, type Routes, toClient, type Visit } from '../visit.ts'

const states: readonly { readonly value: Run['state'] | ''; readonly name: string }[] = [
  { value: '', name: 'Any' },
  ...(Object.keys(runStates) as Run['state'][]).map((state) => ({ value: state, name: runStates[state].word })), // the same states
]

/** A client's runs, filtered as the address says. */
async function showRuns(visit: Visit): Promise<Page> {
  const { api, query } = visit
  const client = param(visit, 'client')
  const flow = query.get('flow') || undefined
  const state = states.find(({ value }) => value !== '' && value === query.get('state'))?.value || undefined
  const { items, next } = await api.listRuns({
    params: { client },
    query: { flow, state: state && [state], cursor: query.get('cursor') || undefined },
  })
  const path = `${clientPath(client)}/runs`
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

export const runsRoutes: Routes = { pages: [['/clients/:client/runs', showRuns]] }
