import type { Answer, Item } from '../../client/client.ts'
import { timeOf } from '../../html/facts.ts'
import { type Html, html } from '../../html/html.ts'
import type { Page } from '../page.ts'
import { attention } from '../parts/attention.ts'
import { nextLink, tableOr } from '../parts/elements.ts'
import { runBadge } from '../parts/runs.ts'
import { clientPath, flowPath, type Routes, runPath, type Visit } from '../visit.ts'
import { signOut } from './sign-in.ts'

type Client = Answer<'getClient'>
type FlowState = Item<'listFlows'>

const flowColumns = [{ name: 'Flow' }, { name: 'Last run' }, { name: 'When' }, { name: 'Next run' }]

const nextOf = ({ paused, nextAt }: FlowState, isClientPaused: boolean): Html =>
  paused || isClientPaused ? html`<span class="badge stopped">Paused</span>` : timeOf(nextAt)

/** A client's flows, each with how its last run went and when it runs next. */
export const flowTable = ({ name, title, paused, flows }: Client): Html =>
  tableOr(
    `Flows of ${title}`,
    flowColumns,
    flows.map(
      (flow) => html`<tr>
<td class="long"><a href="${flowPath(name, flow.flow)}"><bdi>${flow.title}</bdi></a>${!flow.sound && html` <span class="badge failed">File is broken</span>`}</td>
<td>${flow.lastRun ? html`<a href="${runPath(name, flow.lastRun.id)}">${runBadge(flow.lastRun.state)}</a>` : html`<span class="none">never</span>`}</td>
<td>${timeOf(flow.lastRun?.finishedAt ?? flow.lastRun?.requestedAt ?? null)}</td>
<td>${nextOf(flow, paused)}</td>
</tr>\n`,
    ),
    html`<p>It has no flow of its own and has run none. Start <a href="${clientPath(name)}">one of Polku’s</a>, or put a flow into its folder <code>flows/</code>.</p>`,
  )

const section = (client: Client): Html => html`<section class="part" aria-labelledby="client-${client.name}">
<h2 id="client-${client.name}"><a href="${clientPath(client.name)}"><bdi>${client.title}</bdi></a>
${client.paused && html`<span class="badge stopped">Paused</span>`}
${client.activeRuns > 0 && html`<span class="badge cached">${client.activeRuns} ${client.activeRuns === 1 ? 'run' : 'runs'} under way</span>`}</h2>
${flowTable(client)}
</section>`

/** The start page: every client with the state of its flows, and what went wrong above them. */
async function showClients({ api, query }: Visit): Promise<Page> {
  const { items, next } = await api.listClients({ query: { cursor: query.get('cursor') || undefined } })
  const incidents = await api.listIncidents({ query: { open: true, limit: 200 } })
  const body = html`<h1>Clients</h1>
${attention(items, incidents.items)}
${items.map(section)}
${items.length === 0 && html`<div class="empty"><p>There is no client that you may see. An administrator lets you see clients, or makes one with <code>polku new client NAME</code> in the folder that is served.</p></div>`}
${nextLink('/', query, next)}`
  return { title: 'Clients', body }
}

export const clientsRoutes: Routes = { pages: [['/', showClients]], changes: [['/sign-out', signOut, showClients]] }
