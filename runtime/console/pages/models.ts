import type { Answer } from '../../client/client.ts'
import { settingsTable } from '../../html/facts.ts'
import { type Html, html, humanise } from '../../html/html.ts'
import { day, moment, plain } from '../../html/numbers.ts'
import { forgeryField, may, type Page } from '../page.ts'
import { nextLink, stageBadge, tableOr } from '../parts/elements.ts'
import { type Option, selectField, textField } from '../parts/fields.ts'
import { filled, modelPath, param, type Routes, runPath, toClient, type Visit } from '../visit.ts'

type Version = Answer<'getVersion'>

const versionPath = (client: string, { model, version }: Pick<Version, 'model' | 'version'>): string =>
  `${modelPath(client, model)}/versions/${version}`

/** A metric as a card gives it: a number, or numbers in one another. */
const metricText = (value: unknown): string => {
  if (typeof value === 'number') return plain(value)
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const shownMetrics = (metrics: Version['metrics']): Record<string, string> =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, metricText(value)]))

const mostMetrics = 3

const metricsInShort = ({ metrics }: Version): string =>
  Object.entries(metrics)
    .filter(([, value]) => typeof value === 'number')
    .slice(0, mostMetrics)
    .map(([name, value]) => `${humanise(name)} ${metricText(value)}`)
    .join(' · ')

/** A model's versions. */
async function showModel(visit: Visit): Promise<Page> {
  const [client, model] = [param(visit, 'client'), param(visit, 'model')]
  const { items, next } = await visit.api.listVersions({
    params: { client, model },
    query: { cursor: visit.query.get('cursor') || undefined },
  })
  const body = html`<h1>${model}</h1>
<p class="lead">Flows use it as <code>model/${model}@approved</code>: the version that a reviewer approved last.</p>
${tableOr(
  'Versions',
  [
    { name: 'Version', number: true },
    { name: 'Stage' },
    { name: 'Metrics' },
    { name: 'Published by' },
    { name: 'Approved by' },
  ],
  items.map(
    (version) => html`<tr>
<td class="number"><a href="${versionPath(client, version)}">${version.version}</a></td>
<td>${stageBadge(version.stage)}</td>
<td class="long">${metricsInShort(version) || '–'}</td>
<td><bdi>${version.publishedBy ?? '–'}</bdi></td>
<td><bdi>${version.approvals.at(-1)?.by ?? '–'}</bdi></td>
</tr>\n`,
  ),
  html`<p>No version yet.</p>`,
)}
${nextLink(modelPath(client, model), visit.query, next)}`
  return { title: model, body, path: toClient(client) }
}

const approvalList = (client: string, { approvals }: Version): Html =>
  approvals.length === 0
    ? html`<p class="quiet">Nobody has approved it.</p>`
    : html`<ul class="links">${approvals.map(
        ({
          by,
          at,
          note,
          report,
          holds,
          lapsed,
        }) => html`<li><strong><bdi>${by}</bdi></strong>, ${moment(at)}${!holds && html` <span class="badge stopped">no longer holds</span>`}
${note !== null && html`<br><bdi>${note}</bdi>`}
${report !== null && html`<br>On <a href="${reportAddress(client, report)}"><code class="path">${report}</code></a>`}
${lapsed.length > 0 && html`<br>${lapsed.join('; ')}`}</li>\n`,
      )}</ul>`

const ofRun = /^\.polku\/runs\/([a-zA-Z0-9-]+)\/report\.html$/

/** Where a report is served, by its path in the workspace. */
const reportAddress = (client: string, path: string): string => {
  const run = ofRun.exec(path)?.[1]
  return run === undefined
    ? `/api/clients/${client}/reports/${encodeURIComponent(path)}`
    : `/api/clients/${client}/runs/${run}/report`
}

const pathOfRun = (run: string): string => `.polku/runs/${run}/report.html`

/** Reports that a version may be judged by: of the run that made it, of notebooks, and of the client's newest runs. */
async function reportsFor({ api }: Visit, client: string, { publishedIn, approvals }: Version): Promise<Option[]> {
  const params = { client }
  const notebooks = await api.listReports({ params, query: { limit: 200 } })
  const runs = await api.listRuns({ params, query: { state: ['done'], limit: 50 } })
  const names = new Map<string, string>()
  if (publishedIn !== null) names.set(pathOfRun(publishedIn), 'The run that made it')
  for (const { path } of notebooks.items) names.set(path, path)
  for (const { report } of approvals) if (report !== null && !names.has(report)) names.set(report, report)
  for (const { id, flow, asOf, requestedAt } of runs.items)
    if (!names.has(pathOfRun(id)))
      names.set(pathOfRun(id), `Run of ${flow} as of ${day(asOf)}, asked for ${moment(requestedAt)}`)
  return [...names].map(([path, name]) => ({ value: path, name, href: reportAddress(client, path) }))
}

const judgement = (visit: Visit, client: string, version: Version, reports: readonly Option[]): Html | false => {
  const { session, form } = visit
  if (!may(session, 'approveModel'))
    return html`<p class="quiet">A reviewer other than the one who published it approves it.</p>`
  const action = versionPath(client, version)
  if (reports.length === 0)
    return html`<div class="empty"><p>There is no report to judge it by. Run the notebook or the flow that trains it; its report then stands here.</p></div>`
  return html`<form method="post" action="${action}/approve" class="panel">
${forgeryField(session)}
${selectField(
  { name: 'report', label: 'Judged by the report', value: form.get('report') ?? reports[0]?.value },
  reports,
)}
${textField({ name: 'note', label: 'Note', value: form.get('note') ?? '', hint: 'What it was judged by, and what to be careful about.' })}
<button>Approve version ${version.version}</button>
</form>`
}

const retirement = ({ session }: Visit, client: string, version: Version): Html | false =>
  version.approvals.length > 0 &&
  may(session, 'retireModel') &&
  html`<form method="post" action="${versionPath(client, version)}/retire" class="single">${forgeryField(session)}<button class="danger">Take it out of use</button></form>`

const provenance = (client: string, { publishedBy, publishedIn }: Version): Html =>
  html`<p>Published by <bdi>${publishedBy ?? 'somebody who is not named'}</bdi>${publishedIn !== null && html` in <a href="${runPath(client, publishedIn)}">this run</a>`}.</p>`

/** A version with its card, its metrics and its approval, and the report beside it. */
async function showVersion(visit: Visit): Promise<Page> {
  const [client, model] = [param(visit, 'client'), param(visit, 'model')]
  const params = { client, model, version: Number(param(visit, 'version')) }
  const version = await visit.api.getVersion({ params })
  const reports = await reportsFor(visit, client, version)
  const [report] = reports
  const { card, metrics, stage, problem, target, kind } = version
  const title = `Version ${version.version}`
  const body = html`<div class="head"><h1>${model}, version ${version.version}</h1>${stageBadge(stage)}</div>
${problem !== null && html`<p class="callout failed">${problem}</p>`}
<div class="beside">
<div>
<p class="lead">A ${kind ?? ''} model that predicts <bdi>${target ?? 'what its card says'}</bdi>.</p>
${provenance(client, version)}
<section class="part"><h2>Metrics</h2>${settingsTable(shownMetrics(metrics))}</section>
<section class="part"><h2>Approval</h2>
${approvalList(client, version)}
${judgement(visit, client, version, reports)}
${retirement(visit, client, version)}
</section>
<details class="part"><summary>Its card</summary>${settingsTable(card ?? {})}</details>
</div>
${
  report !== undefined &&
  html`<section class="report"><h2>Its report</h2>
<p><a href="${report.href}" id="report-link">Open it by itself</a></p>
<iframe id="report" src="${report.href}" title="The report of version ${version.version}" loading="lazy" sandbox="allow-scripts"></iframe>
</section>`
}
</div>`
  return { title, body, path: [...toClient(client), { href: modelPath(client, model), name: model }] }
}

const paramsOf = (visit: Visit) => ({
  client: param(visit, 'client'),
  model: param(visit, 'model'),
  version: Number(param(visit, 'version')),
})

/** Approves a version on the report that the form names. */
async function approve(visit: Visit): Promise<string> {
  const { api, form } = visit
  const params = paramsOf(visit)
  await api.approveModel({ params, body: { report: filled(form, 'report') ?? '', note: filled(form, 'note') } })
  return versionPath(params.client, params)
}

async function retire(visit: Visit): Promise<string> {
  const params = paramsOf(visit)
  await visit.api.retireModel({ params, body: {} })
  return versionPath(params.client, params)
}

const versionUrl = '/clients/:client/models/:model/versions/:version'

export const modelRoutes: Routes = {
  pages: [
    ['/clients/:client/models/:model', showModel],
    [versionUrl, showVersion],
  ],
  changes: [
    [`${versionUrl}/approve`, approve, showVersion],
    [`${versionUrl}/retire`, retire, showVersion],
  ],
}
