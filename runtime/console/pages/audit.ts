import { timeOf } from '../../html/facts.ts'
import { html } from '../../html/html.ts'
import type { Page } from '../page.ts'
import { nextLink, tableOr } from '../parts/elements.ts'
import { inputField } from '../parts/fields.ts'
import type { Routes, Visit } from '../visit.ts'

const targetText = (target: Readonly<Record<string, unknown>>): string =>
  Object.entries(target)
    .filter(([name]) => name !== 'by')
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')

/** Who changed what and looked at customers' rows. */
async function showAudit({ api, query }: Visit): Promise<Page> {
  const filter = (name: string) => query.get(name)?.trim() || undefined
  const filters = { client: filter('client'), action: filter('action'), from: filter('from'), to: filter('to') }
  const { items, next } = await api.listAudit({
    query: { ...filters, person: filter('person'), cursor: filter('cursor') },
  })
  const body = html`<h1>Audit</h1>
<p class="lead">Every change, and every look at customers’ rows. Nothing here can be changed or removed.</p>
<form method="get" action="/audit" class="panel filters">
${inputField({ name: 'client', label: 'Client', type: 'search', value: filters.client })}
${inputField({ name: 'action', label: 'What', type: 'search', value: filters.action, hint: 'Such as start run' })}
${inputField({ name: 'from', label: 'From', type: 'date', value: filters.from })}
${inputField({ name: 'to', label: 'To', type: 'date', value: filters.to })}
<button class="plain">Show</button>
</form>
${tableOr(
  'What was done',
  [{ name: 'When' }, { name: 'Who' }, { name: 'What' }, { name: 'Client' }, { name: 'To what' }, { name: 'From' }],
  items.map(
    ({ at, personName, action, client, target, address }) => html`<tr>
<td>${timeOf(at)}</td><td><bdi>${personName}</bdi></td><td>${action}</td><td>${client ?? '–'}</td>
<td class="long"><bdi>${targetText(target)}</bdi></td><td>${address ?? '–'}</td>
</tr>\n`,
  ),
  html`<p>Nothing is like this. <a href="/audit">Show everything</a>.</p>`,
)}
${nextLink('/audit', query, next)}`
  return { title: 'Audit', body }
}

export const auditRoutes: Routes = { pages: [['/audit', showAudit]] }
