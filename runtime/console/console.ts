import type {} from '@fastify/swagger'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { html } from '../html/html.ts'
import { getSession } from '../server/api/session.ts'
import { Api, ApiProblem } from './api.ts'
import { serveAssets } from './assets.ts'
import { type Page, renderPage } from './page.ts'
import { showAudit } from './pages/audit.ts'
import { showClient } from './pages/client.ts'
import { showClients } from './pages/clients.ts'
import { showDataset } from './pages/dataset.ts'
import { checkFlowOf, showFlow } from './pages/flow.ts'
import { approve, retire, showModel, showVersion } from './pages/models.ts'
import { pauseClientOf, pauseFlowOf, resumeClientOf, resumeFlowOf } from './pages/pausing.ts'
import { changeOfPerson, createPersonOf, createTokenOf, revokeTokenOf, showPeople, showPerson } from './pages/people.ts'
import { cancelRunOf, runAgain, showRun, startRunOf } from './pages/run.ts'
import { showRuns } from './pages/runs.ts'
import { putSecretOf, removeSecret, showSecrets } from './pages/secrets.ts'
import { onward, signInBy, signInPage, signOut } from './pages/sign-in.ts'
import { showStep } from './pages/step.ts'
import { problemPanel } from './parts/problem.ts'
import type { Change, Show, Visit } from './visit.ts'

// Nothing but the console's own files, and the reports of runs, which are shown in a sandbox.
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const mostFormBytes = 200_000
/** Pages are no part of the API's description. */
const unlisted = { hide: true }

/** Answers with a page. */
function send(reply: FastifyReply, page: Page, status = 200): FastifyReply {
  return (
    reply
      .code(status)
      .type('text/html; charset=utf-8')
      .header('content-security-policy', policy)
      // Without it a browser would not tell where a form comes from.
      .header('referrer-policy', 'same-origin')
      .send(renderPage(page))
  )
}

const formOf = ({ body }: FastifyRequest): URLSearchParams =>
  body instanceof URLSearchParams ? body : new URLSearchParams()

/** Begins a visit. Throws ApiProblem with 401 where nobody is signed in. */
async function visitOf(request: FastifyRequest, reply: FastifyReply): Promise<Visit> {
  const form = formOf(request)
  const api = new Api(request, reply, form.get('forgery') ?? undefined)
  const session = await api.ask(getSession)
  const params = request.params as Record<string, string> // of the address
  return { api, session, params, query: new URLSearchParams(request.url.split('?')[1] ?? ''), form }
}

function show(app: FastifyInstance, url: string, shown: Show): void {
  app.get(url, { schema: unlisted }, async (request, reply) => {
    const visit = await visitOf(request, reply)
    return send(reply, { ...(await shown(visit)), session: visit.session })
  })
}

/** A form's change; where it is refused, the page it stands in is shown again and says why. */
function change(app: FastifyInstance, url: string, done: Change, shown: Show): void {
  app.post(url, { bodyLimit: mostFormBytes, schema: unlisted }, async (request, reply) => {
    const visit = await visitOf(request, reply)
    try {
      const next = await done(visit)
      if (typeof next === 'string') return reply.redirect(next, 303)
      return send(reply, { ...next, session: visit.session })
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status === 401 || error.status >= 500) throw error
      const page = await shown({ ...visit, problem: error })
      const body = html`${problemPanel(error)}${page.body}`
      return send(reply, { ...page, body, session: visit.session }, error.status)
    }
  })
}

/** Shows why there is no page, or lets people sign in first. */
async function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const problem = error instanceof ApiProblem ? error : unforeseen(error, request)
  const { status } = problem
  if (status === 401)
    return reply.redirect(request.method === 'GET' ? `/sign-in?to=${encodeURIComponent(request.url)}` : '/sign-in', 303)
  return send(
    reply,
    problemPage(status === 404 ? 'There is no such page' : 'This page cannot be shown', problem),
    status,
  )
}

const problemPage = (title: string, problem: ApiProblem): Page => ({
  title,
  body: html`<h1>${title}</h1>${problemPanel(problem)}<p class="part"><a href="/">All clients</a></p>`,
})

/** What the server itself refuses of a form, and what we did not foresee, which only the log tells. */
function unforeseen(error: FastifyError, request: FastifyRequest): ApiProblem {
  const status = error.statusCode ?? 500
  if (status < 500) return new ApiProblem(status, [{ code: 'REQUEST_INVALID', message: error.message }])
  request.log.error({ err: error }, 'a page failed')
  const message = 'The service could not answer. Its log says why.'
  return new ApiProblem(status, [{ code: 'INTERNAL', message, expected: 'The same once more in a while.' }])
}

/** Pages that are not there; other programs are told as the API does. */
async function answerUnknown({ url }: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  if (url.startsWith('/api/')) return reply.callNotFound()
  const message = 'There is nothing at this address.'
  const problem = new ApiProblem(404, [
    { code: 'ROUTE_UNKNOWN', message, expected: 'A page that another page leads to.' },
  ])
  return send(reply, problemPage('There is no such page', problem), 404)
}

const client = '/clients/:client'
const flow = `${client}/flows/:flow`
const run = `${client}/runs/:run`
const version = `${client}/models/:model/versions/:version`
const person = '/people/:person'

const pages: readonly (readonly [string, Show])[] = [
  ['/', showClients],
  [client, showClient],
  [`${client}/runs`, showRuns],
  [`${client}/secrets`, showSecrets],
  [`${client}/datasets/:dataset`, showDataset],
  [`${client}/models/:model`, showModel],
  [flow, showFlow],
  [run, showRun],
  [`${run}/steps/:step`, showStep],
  [version, showVersion],
  ['/people', showPeople],
  [person, showPerson],
  ['/audit', showAudit],
]

/** Each with the page that shows the form again where it is refused. */
const changes: readonly (readonly [string, Change, Show])[] = [
  [`${client}/pause`, pauseClientOf, showClient],
  [`${client}/resume`, resumeClientOf, showClient],
  [`${client}/secrets`, putSecretOf, showSecrets],
  [`${client}/secrets/:secret/remove`, removeSecret, showSecrets],
  [`${flow}/run`, startRunOf, showFlow],
  [`${flow}/check`, checkFlowOf, showFlow],
  [`${flow}/pause`, pauseFlowOf, showFlow],
  [`${flow}/resume`, resumeFlowOf, showFlow],
  [`${run}/cancel`, cancelRunOf, showRun],
  [`${run}/again`, runAgain, showRun],
  [`${version}/approve`, approve, showVersion],
  [`${version}/retire`, retire, showVersion],
  ['/people', createPersonOf, showPeople],
  [person, changeOfPerson, showPerson],
  [`${person}/access`, changeOfPerson, showPerson],
  [`${person}/tokens`, createTokenOf, showPerson],
  [`${person}/tokens/:token/revoke`, revokeTokenOf, showPerson],
  ['/sign-out', signOut, showClients],
]

/** The form that lets people in, for whoever is not yet. */
function serveSignIn(app: FastifyInstance): void {
  app.get('/sign-in', { schema: unlisted }, async (request, reply) => {
    const to = onward(new URLSearchParams(request.url.split('?')[1]).get('to'))
    // A link from elsewhere comes without the cookie; asked again from this page, it comes with it.
    if (request.headers['sec-fetch-site'] === 'cross-site')
      return send(reply, { title: 'One moment', body: html`<p><a href="${to}">Go on</a></p>`, refresh: to })
    return send(reply, await signInPage(new Api(request, reply), to))
  })
  app.post('/sign-in', { bodyLimit: mostFormBytes, schema: unlisted }, async (request, reply) => {
    const form = formOf(request)
    const api = new Api(request, reply)
    try {
      return reply.redirect(await signInBy(api, form), 303)
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status >= 500) throw error
      return send(reply, await signInPage(api, onward(form.get('to')), error), error.status)
    }
  })
}

/** The pages for people, which know nothing but the API of the same service. */
export async function serveConsole(app: FastifyInstance): Promise<void> {
  app.setErrorHandler(answerError)
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, text, done) =>
    done(null, new URLSearchParams(String(text))),
  )
  serveAssets(app)
  serveSignIn(app)
  app.get('/*', { schema: unlisted }, answerUnknown)
  for (const [url, shown] of pages) show(app, url, shown)
  for (const [url, done, shown] of changes) change(app, url, done, shown)
}
