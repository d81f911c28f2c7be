import { html } from '../../html/html.ts'
import { day, fixed } from '../../html/numbers.ts'
import { scrollTable } from '../../html/tables.ts'
import type { Page } from '../page.ts'
import { nextLink, tableOr } from '../parts/elements.ts'
import { clientPath, param, type Routes, toClient, type Visit } from '../visit.ts'

/** A dataset: its columns and its snapshots. */
async function showDataset(visit: Visit): Promise<Page> {
  const [client, dataset] = [param(visit, 'client'), param(visit, 'dataset')]
  const { items, next } = await visit.api.listSnapshots({
    params: { client, dataset },
    query: { cursor: visit.query.get('cursor') || undefined },
  })
  const [newest] = items
  const body = html`<h1>${dataset}</h1>
<section class="part"><h2>Snapshots</h2>
${tableOr(
  'Snapshots',
  [{ name: 'Number', number: true }, { name: 'As of' }, { name: 'Rows', number: true }, { name: 'Made by' }],
  items.map(
    ({ snapshot, asOf, rows, key }) => html`<tr>
<td class="number">${snapshot}</td><td>${day(asOf)}</td><td class="number">${fixed(rows)}</td><td class="long"><bdi>${key}</bdi></td>
</tr>\n`,
  ),
  html`<p>No snapshot yet.</p>`,
)}
${nextLink(`${clientPath(client)}/datasets/${dataset}`, visit.query, next)}
</section>
${
  newest &&
  html`<section class="part"><h2>Columns of the newest</h2>
${scrollTable(
  'Columns',
  [{ name: 'Column' }, { name: 'Type' }],
  newest.columns.map(({ name, type }) => html`<tr><td class="long"><bdi>${name}</bdi></td><td>${type}</td></tr>\n`),
  'whole',
)}
</section>`
}`
  return { title: dataset, body, path: toClient(client) }
}

export const datasetRoutes: Routes = { pages: [['/clients/:client/datasets/:dataset', showDataset]] }
