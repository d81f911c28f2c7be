import type { Item, Role } from '../../client/client.ts'
import { timeOf } from '../../html/facts.ts'
import { type Html, html } from '../../html/html.ts'
import { problemWith } from '../api.ts'
import { forgeryField, type Page } from '../page.ts'
import { button, nextLink, tableOr } from '../parts/elements.ts'
import { inputField, selectField } from '../parts/fields.ts'
import { filled, param, type Routes, type Visit } from '../visit.ts'

type Person = Item<'listPeople'>
type Token = Item<'listTokens'>

const duties: Record<Role, string> = {
  analyst: 'starts flows and looks at everything',
  operator: 'starts, cancels and pauses, keeps secrets',
  reviewer: 'judges reports and approves models',
  administrator: 'all of it, and people',
}
const roles = Object.entries(duties).map(([role, duty]) => ({ value: role, name: `${role}: ${duty}` }))

const clientsText = (clients: readonly string[] | null): string =>
  clients === null ? 'all' : clients.join(', ') || 'none'

// That nothing is filled in must never mean all: who may see every client is said in so many words.
const reaches = [
  { value: 'these', name: 'Only the clients below' },
  { value: 'all', name: 'All clients, also those that come later' },
]
const clientsHint = 'Their names with commas between them; none where it is empty.'

/** The names between commas, or null where all clients are chosen. Throws PolkuProblem where the form says both. */
function clientsOf(form: URLSearchParams): string[] | null {
  const names = (form.get('clients') ?? '').split(',').map((name) => name.trim())
  const named = names.filter((name) => name !== '')
  if (form.get('reach') !== 'all') return named
  if (named.length === 0) return null
  const message = 'The form names clients and says all of them.'
  throw problemWith(422, [{ code: 'REQUEST_INVALID', message, expected: 'All clients, or the names of some.' }])
}

const roleOf = (form: URLSearchParams): Role => form.get('role') as Role // the API refuses any other

const personFields = (form: URLSearchParams, person?: Person): Html => {
  const value = (name: string, stored: string | undefined) => form.get(name) ?? stored ?? ''
  return html`<div class="fields">
${inputField({ name: 'name', label: 'Name', required: true, value: value('name', person?.name) })}
${inputField({ name: 'email', label: 'E-mail address', type: 'email', value: value('email', person?.email ?? ''), hint: 'For signing in by OpenID; none where the person uses tokens only.' })}
${selectField({ name: 'role', label: 'Role', value: value('role', person?.role) || 'analyst' }, roles)}
${selectField({ name: 'reach', label: 'May see', value: value('reach', person?.clients === null ? 'all' : 'these') }, reaches)}
${inputField({ name: 'clients', label: 'Clients', value: value('clients', person?.clients?.join(', ')), hint: clientsHint })}
</div>`
}

const home = { href: '/people', name: 'People' }

/** Who may use the service, and a form to let somebody in. */
async function showPeople({ api, session, query, form }: Visit): Promise<Page> {
  const { items, next } = await api.listPeople({ query: { cursor: query.get('cursor') || undefined } })
  const body = html`<h1>People</h1>
${tableOr(
  'People',
  [{ name: 'Name' }, { name: 'Role' }, { name: 'Clients' }, { name: 'E-mail' }, { name: 'Access' }],
  items.map(
    ({ id, name, role, clients, email, disabledAt }) => html`<tr>
<td class="long"><a href="/people/${id}"><bdi>${name}</bdi></a></td><td>${role}</td><td class="long">${clientsText(clients)}</td>
<td><bdi>${email ?? '–'}</bdi></td><td>${disabledAt === null ? 'yes' : html`<span class="badge stopped">ended</span>`}</td>
</tr>\n`,
  ),
  html`<p>Nobody yet.</p>`,
)}
${nextLink('/people', query, next)}
<section class="part"><h2>Let somebody in</h2>
<form method="post" action="/people" class="panel">${forgeryField(session)}${personFields(form)}<button>Let them in</button></form>
</section>`
  return { title: 'People', body }
}

async function personOf(visit: Visit): Promise<Person> {
  const id = param(visit, 'person')
  for (let cursor: string | undefined; ; ) {
    const { items, next } = await visit.api.listPeople({ query: { limit: 200, cursor } })
    const person = items.find((each) => each.id === id)
    if (person) return person
    if (next === null) throw problemWith(404, [{ code: 'PERSON_UNKNOWN', message: 'There is no such person.' }])
    cursor = next
  }
}

const stateOf = ({ revokedAt, expiresAt }: Token, now: number): string => {
  if (revokedAt !== null) return 'revoked'
  return Date.parse(expiresAt) <= now ? 'ended' : 'holds'
}

const tokenTable = ({ session }: Visit, person: string, tokens: readonly Token[], now: number): Html =>
  tableOr(
    'Tokens',
    [
      { name: 'Name' },
      { name: 'Role' },
      { name: 'Clients' },
      { name: 'Ends' },
      { name: 'Used last' },
      { name: 'State' },
      { name: html`<span class="said">Revoke</span>` },
    ],
    tokens.map((token) => {
      const state = stateOf(token, now)
      return html`<tr><td><bdi>${token.name}</bdi></td><td>${token.role}</td><td class="long">${clientsText(token.clients)}</td>
<td>${timeOf(token.expiresAt)}</td><td>${timeOf(token.usedAt)}</td><td>${state}</td>
<td>${state === 'holds' && button(`/people/${person}/tokens/${token.id}/revoke`, 'Revoke', forgeryField(session), 'danger')}</td></tr>\n`
    }),
    html`<p>None yet: make one below, so that the person can sign in.</p>`,
  )

const daysOf = (form: URLSearchParams): string => form.get('days') ?? '90'

/** One person: rights and tokens. */
async function showPerson(visit: Visit): Promise<Page> {
  const { api, session, form } = visit
  const person = await personOf(visit)
  const { items } = await api.listTokens({ params: { person: person.id } })
  const path = `/people/${person.id}`
  const isEnded = person.disabledAt !== null
  const body = html`<div class="head"><h1><bdi>${person.name}</bdi></h1>${isEnded && html`<span class="badge stopped">Access ended</span>`}
${button(`${path}/access`, isEnded ? 'Let in again' : 'End access', html`${forgeryField(session)}<input type="hidden" name="disabled" value="${String(!isEnded)}">`, isEnded ? 'plain' : 'danger')}</div>
<section class="part"><h2>Tokens</h2>
${tokenTable(visit, person.id, items, Date.now())}
<form method="post" action="${path}/tokens" class="panel">${forgeryField(session)}
<div class="fields">
${inputField({ name: 'tokenName', label: 'What it is for', required: true, value: form.get('tokenName') ?? '', hint: 'Such as laptop' })}
${inputField({ name: 'days', label: 'Days until it ends', type: 'number', step: 1, minimum: 1, maximum: 365, required: true, value: daysOf(form) })}
</div>
<button>Make a token</button></form>
</section>
<section class="part"><h2>Rights</h2>
<form method="post" action="${path}" class="panel">${forgeryField(session)}${personFields(form.has('role') ? form : new URLSearchParams(), person)}<button>Change</button></form>
</section>`
  return { title: person.name, body, path: [home] }
}

async function createPersonOf({ api, form }: Visit): Promise<string> {
  const body = {
    name: filled(form, 'name') ?? '',
    email: filled(form, 'email'),
    role: roleOf(form),
    clients: clientsOf(form),
  }
  const { id } = await api.createPerson({ body })
  return `/people/${id}`
}

/** Changes a person's rights, or ends and restores their access. */
async function changeOfPerson(visit: Visit): Promise<string> {
  const { api, form } = visit
  const person = param(visit, 'person')
  const disabled = form.get('disabled')
  const rights = () => ({
    name: filled(form, 'name') ?? '',
    email: filled(form, 'email') ?? null,
    role: roleOf(form),
    clients: clientsOf(form),
  })
  await api.changePerson({
    params: { person },
    body: disabled === null ? rights() : { disabled: disabled === 'true' },
  })
  return `/people/${person}`
}

const dayLength = 86_400_000

/** Makes a token and shows it this once. */
async function createTokenOf(visit: Visit): Promise<Page> {
  const { api, form } = visit
  const person = param(visit, 'person')
  const days = Number(daysOf(form))
  // What is no number of days ends at once, which the API refuses in words.
  const expiresAt = new Date(Date.now() + (Number.isFinite(days) && days < 10_000 ? days : 0) * dayLength)
  const { token, name } = await api.createToken({
    params: { person },
    body: { name: filled(form, 'tokenName') ?? '', expiresAt: expiresAt.toISOString() },
  })
  const body = html`<h1>The token is made</h1>
<p>Give it to the person now: it is shown this once and kept nowhere.</p>
<p class="panel"><code class="secret">${token}</code></p>
<p><a href="/people/${person}">Go on</a></p>`
  return { title: name, body, path: [home] }
}

async function revokeTokenOf(visit: Visit): Promise<string> {
  const params = { person: param(visit, 'person'), token: param(visit, 'token') }
  await visit.api.revokeToken({ params })
  return `/people/${params.person}`
}

const person = '/people/:person'

export const peopleRoutes: Routes = {
  pages: [
    ['/people', showPeople],
    [person, showPerson],
  ],
  changes: [
    ['/people', createPersonOf, showPeople],
    [person, changeOfPerson, showPerson],
    [`${person}/access`, changeOfPerson, showPerson],
    [`${person}/tokens`, createTokenOf, showPerson],
    [`${person}/tokens/:token/revoke`, revokeTokenOf, showPerson],
  ],
}
