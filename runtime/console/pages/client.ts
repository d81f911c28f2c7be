import type { Item } from '../../client/client.ts'
import { type Html, html } from '../../html/html.ts'
import { day, fixed } from '../../html/numbers.ts'
import { forgeryField, may, type Page } from '../page.ts'
import { attention } from '../parts/attention.ts'
import { button, stageBadge, tableOr } from '../parts/elements.ts'
import { runTable } from '../parts/runs.ts'
import { type Change, clientPath, flowPath, modelPath, param, type Routes, toClient, type Visit } from '../visit.ts'
import { flowTable } from './clients.ts'

const modelTable = (client: string, models: readonly Item<'listModels'>[]): Html =>
  tableOr(
    'Models',
    [{ name: 'Model' }, { name: 'Newest version', number: true }, { name: 'Its stage' }, { name: 'Approved version' }],
    models.map(
      ({ model, newest, stage, approved }) => html`<tr>
<td><a href="${modelPath(client, model)}">${model}</a></td>
<td class="number">${newest}</td>
<td>${stageBadge(stage)}</td>
<td>${approved ?? html`<span class="none">none</span>`}</td>
</tr>\n`,
    ),
    html`<p>No model yet: a flow with a step <code>predict/train</code> makes one.</p>`,
  )

const datasetTable = (client: string, datasets: readonly Item<'listDatasets'>[]): Html =>
  tableOr(
    'Datasets',
    [
      { name: 'Dataset' },
      { name: 'Newest snapshot' },
      { name: 'Snapshots', number: true },
      { name: 'Rows', number: true },
    ],
    datasets.map(
      ({ name, asOf, snapshots, rows }) => html`<tr>
<td><a href="${clientPath(client)}/datasets/${name}">${name}</a></td>
<td>${asOf === null ? '–' : day(asOf)}</td>
<td class="number">${fixed(snapshots)}</td>
<td class="number">${fixed(rows)}</td>
</tr>\n`,
    ),
    html`<p>No dataset yet: a flow’s step appends to one.</p>`,
  )

const others = (client: string, flows: readonly Item<'listFlows'>[]): Html | false =>
  flows.length > 0 &&
  html`<details class="part"><summary>Polku’s own flows, ready for this client (${flows.length})</summary>
<ul class="links">${flows.map(({ flow, title }) => html`<li><a href="${flowPath(client, flow)}"><bdi>${title}</bdi></a> <span class="quiet">${flow}</span></li>\n`)}</ul></details>`

const most = { limit: 200 }

/** One client: flows, runs, models and datasets. */
async function showClient(visit: Visit): Promise<Page> {
  const { api, session } = visit
  const params = { client: param(visit, 'client') }
  const client = await api.getClient({ params })
  const incidents = await api.listIncidents({ query: { client: client.name, open: true, limit: 200 } })
  const flows = await api.listFlows({ params, query: most })
  const runs = await api.listRuns({ params, query: { limit: 10 } })
  const models = await api.listModels({ params, query: most })
  const datasets = await api.listDatasets({ params, query: most })
  const listed = new Set(client.flows.map(({ flow }) => flow))
  const path = clientPath(client.name)
  const action = `${path}/${client.paused ? 'resume' : 'pause'}`
  const body = html`<div class="head">
<h1><bdi>${client.title}</bdi></h1>
${client.paused && html`<span class="badge stopped">Paused: nothing starts by itself</span>`}
${may(session, 'pauseClient') && button(action, client.paused ? 'Resume this client' : 'Pause this client', forgeryField(session), 'plain')}
</div>
${attention([client], incidents.items)}
<section class="part"><h2>Flows</h2>
${flowTable(client)}
${others(
  client.name,
  flows.items.filter(({ flow }) => !listed.has(flow)),
)}
</section>
<section class="part"><h2>Newest runs</h2>
${runTable(runs.items, html`<p>Nothing has run yet. Open a flow above and start it.</p>`)}
${runs.next !== null && html`<p class="more"><a href="${path}/runs">All runs</a></p>`}
</section>
<section class="part"><h2>Models</h2>
${modelTable(client.name, models.items)}
</section>
<section class="part"><h2>Datasets</h2>
${datasetTable(client.name, datasets.items)}
</section>
${may(session, 'listSecrets') && html`<section class="part"><h2>Secrets</h2><p><a href="${path}/secrets">Passwords and keys that flows use</a>: their names, never their values.</p></section>`}`
  return { title: client.title, body, path: toClient(client.name).slice(0, 1) }
}

const pausing =
  (operation: 'pauseClient' | 'resumeClient'): Change =>
  async (visit) => {
    const client = param(visit, 'client')
    await visit.api[operation]({ params: { client } })
    return clientPath(client)
  }

const url = '/clients/:client'

export const clientRoutes: Routes = {
  pages: [[url, showClient]],
  changes: [
    [`${url}/pause`, pausing('pauseClient'), showClient],
    [`${url}/resume`, pausing('resumeClient'), showClient],
  ],
}
