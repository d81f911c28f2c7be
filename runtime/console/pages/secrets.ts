import { timeOf } from '../../html/facts.ts'
import { html } from '../../html/html.ts'
import { forgeryField, type Page } from '../page.ts'
import { button, tableOr } from '../parts/elements.ts'
import { inputField } from '../parts/fields.ts'
import { clientPath, filled, param, type Routes, toClient, type Visit } from '../visit.ts'

const pathOf = (client: string): string => `${clientPath(client)}/secrets`

/** The names of a client's secrets, and a form to put one in. */
async function showSecrets(visit: Visit): Promise<Page> {
  const { api, session, form } = visit
  const client = param(visit, 'client')
  const { items } = await api.listSecrets({ params: { client } })
  const body = html`<h1>Secrets</h1>
<p class="lead">Passwords and keys that flows use as <code>\${secret.NAME}</code>. A value is shown to nobody once it is in.</p>
${tableOr(
  'Secrets',
  [{ name: 'Name' }, { name: 'Changed' }, { name: 'By' }, { name: html`<span class="said">Remove</span>` }],
  items.map(
    ({ name, changedAt, changedBy }) => html`<tr>
<td><code>${name}</code></td><td>${timeOf(changedAt)}</td><td><bdi>${changedBy}</bdi></td>
<td>${button(`${pathOf(client)}/${name}/remove`, `Remove ${name}`, forgeryField(session), 'danger')}</td>
</tr>\n`,
  ),
  html`<p>None yet. Put in the first one below.</p>`,
)}
<section class="part"><h2>Put one in</h2>
<form method="post" action="${pathOf(client)}" class="panel" autocomplete="off">
${forgeryField(session)}
<div class="fields">
${inputField({ name: 'name', label: 'Name', required: true, value: form.get('name') ?? '', hint: 'Large letters, digits and underscores, such as SHOP_PASSWORD. One that is there is replaced.' })}
${inputField({ name: 'value', label: 'Value', type: 'password', required: true, autocomplete: 'new-password', hint: 'From 8 to 10,000 characters.' })}
</div>
<button>Put it in</button>
</form></section>`
  return { title: 'Secrets', body, path: toClient(client) }
}

async function putSecretOf(visit: Visit): Promise<string> {
  const client = param(visit, 'client')
  const { api, form } = visit
  await api.putSecret({
    params: { client, name: filled(form, 'name') ?? '-' },
    body: { value: form.get('value') ?? '' },
  })
  return pathOf(client)
}

async function removeSecret(visit: Visit): Promise<string> {
  const params = { client: param(visit, 'client'), name: param(visit, 'secret') }
  await visit.api.deleteSecret({ params })
  return pathOf(params.client)
}

const url = '/clients/:client/secrets'

export const secretsRoutes: Routes = {
  pages: [[url, showSecrets]],
  changes: [
    [url, putSecretOf, showSecrets],
    [`${url}/:secret/remove`, removeSecret, showSecrets],
  ],
}
