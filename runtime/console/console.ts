import type {} from '@fastify/swagger'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PolkuProblem } from '../client/client.ts'
import { html } from '../html/html.ts'
import { apiOf, problemWith } from './api.ts'
import { type Page, renderPage, serveAssets } from './page.ts'
import { auditRoutes } from './pages/audit.ts'
import { clientRoutes } from './pages/client.ts'
import { clientsRoutes } from './pages/clients.ts'
import { datasetRoutes } from './pages/dataset.ts'
import { flowRoutes } from './pages/flow.ts'
import { modelRoutes } from './pages/models.ts'
import { peopleRoutes } from './pages/people.ts'
import { runRoutes } from './pages/run.ts'
import { runsRoutes } from './pages/runs.ts'
import { secretsRoutes } from './pages/secrets.ts'
import { onward, signInBy, signInPage } from './pages/sign-in.ts'
import { stepRoutes } from './pages/step.ts'
import { refusal } from './parts/elements.ts'
import type { Change, Routes, Show, Visit } from './visit.ts'

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

/** Begins a visit. Throws PolkuProblem with 401 where nobody is signed in. */
async function visitOf(request: FastifyRequest, reply: FastifyReply): Promise<Visit> {
  const form = formOf(request)
  const api = apiOf(request, reply, form.get('forgery') ?? undefined)
  const session = await api.getSession()
  const params = request.params as Record<string, string> // of the address
  return { api, session, params, query: new URLSearchParams(request.url.split('?')[1] ?? ''), form }
}

function servePage(app: FastifyInstance, url: string, show: Show): void {
  app.get(url, { schema: unlisted }, async (request, reply) => {
    const visit = await visitOf(request, reply)
    return send(reply, { ...(await show(visit)), session: visit.session })
  })
}

/** A form's change; where it is refused, the page it stands in is shown again and says why. */
function serveChange(app: FastifyInstance, url: string, change: Change, show: Show): void {
  app.post(url, { bodyLimit: mostFormBytes, schema: unlisted }, async (request, reply) => {
    const visit = await visitOf(request, reply)
    try {
      const next = await change(visit)
      if (typeof next === 'string') return reply.redirect(next, 303)
      return send(reply, { ...next, session: visit.session })
    } catch (error) {
      if (!(error instanceof PolkuProblem) || error.status === 401 || error.status >= 500) throw error
      const page = await show({ ...visit, problem: error })
      const body = html`${refusal(error)}${page.body}`
      return send(reply, { ...page, body, session: visit.session }, error.status)
    }
  })
}

/** Shows why there is no page, or lets people sign in first. */
async function answerError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const problem = error instanceof PolkuProblem ? error : unforeseen(error, request)
  const { status } = problem
  if (status === 401)
    return reply.redirect(request.method === 'GET' ? `/sign-in?to=${encodeURIComponent(request.url)}` : '/sign-in', 303)
  return send(
    reply,
    problemPage(status === 404 ? 'There is no such page' : 'This page cannot be shown', problem),
    status,
  )
}

const problemPage = (title: string, problem: PolkuProblem): Page => ({
  title,
  body: html`<h1>${title}</h1>${refusal(problem)}<p class="part"><a href="/">All clients</a></p>`,
})

/** What the server itself refuses of a form, and what we did not foresee, which stands in the log only. */
function unforeseen(error: FastifyError, request: FastifyRequest): PolkuProblem {
  const status = error.statusCode ?? 500
  if (status < 500) return problemWith(status, [{ code: 'REQUEST_INVALID', message: error.message }])
  request.log.error({ err: error }, 'a page failed')
  const message = 'The service could not answer. Its log says why.'
  return problemWith(status, [{ code: 'INTERNAL', message, expected: 'The same once more in a while.' }])
}

/** Pages that are not there; other programs are answered as by the API. */
async function answerUnknown({ url }: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  if (url.startsWith('/api/')) return reply.callNotFound()
  const message = 'There is nothing at this address.'
  const problem = problemWith(404, [{ code: 'ROUTE_UNKNOWN', message, expected: 'A page that another page leads to.' }])
  return send(reply, problemPage('There is no such page', problem), 404)
}

/** What each file of pages/ serves. */
const routes: readonly Routes[] = [
  clientsRoutes,
  clientRoutes,
  runsRoutes,
  secretsRoutes,
  datasetRoutes,
  modelRoutes,
  flowRoutes,
  runRoutes,
  stepRoutes,
  peopleRoutes,
  auditRoutes,
]

/** The form that lets people in, for whoever is not yet. */
function serveSignIn(app: FastifyInstance): void {
  app.get('/sign-in', { schema: unlisted }, async (request, reply) => {
    const to = onward(new URLSearchParams(request.url.split('?')[1]).get('to'))
    // A link from elsewhere comes without the cookie; asked again from this page, it comes with it.
    if (request.headers['sec-fetch-site'] === 'cross-site')
      return send(reply, { title: 'One moment', body: html`<p><a href="${to}">Go on</a></p>`, refresh: to })
    return send(reply, await signInPage(apiOf(request, reply), to))
  })
  app.post('/sign-in', { bodyLimit: mostFormBytes, schema: unlisted }, async (request, reply) => {
    const form = formOf(request)
    const api = apiOf(request, reply)
    try {
      return reply.redirect(await signInBy(api, form), 303)
    } catch (error) {
      if (!(error instanceof PolkuProblem) || error.status >= 500) throw error
      return send(reply, await signInPage(api, onward(form.get('to')), error), error.status)
    }
  })
}

/** The pages for people, which know nothing but the API of the same service. */
export async function serveConsole(app: FastifyInstance): Promise<void> {
  app.setErrorHandler(answerError)
  // Compared with @fastify/formbody 9: it brings objects, and needs a cast to bring lists of fields as they are here.
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, text, done) =>
    done(null, new URLSearchParams(String(text))),
  )
  serveAssets(app)
  serveSignIn(app)
  app.get('/*', { schema: unlisted }, answerUnknown)
  for (const { pages = [], changes = [] } of routes) {
    for (const [url, show] of pages) servePage(app, url, show)
    for (const [url, change, show] of changes) serveChange(app, url, change, show)
  }
}
