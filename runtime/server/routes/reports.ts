import { readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve, sep } from 'node:path'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { list } from '../../data/files.ts'
import type { Workspace } from '../../data/workspace.ts'
import { asPolkuError, PolkuError } from '../../errors/errors.ts'
import { packPlotly } from '../../html/plotly.ts'
import { RunFolder } from '../../run/folder.ts'
import { renderRunReport } from '../../run/report/report.ts'
import { workspaceOf } from '../access/clients.ts'
import { everyRole } from '../access/person.ts'
import { endpoint } from '../http/endpoint.ts'
import { pageOf } from '../http/pages.ts'
import { listOf, object, ofClient, ofRun, page, text, time } from '../http/schemas.ts'
import { findRun } from './runs/answer.ts'

const html = 'text/html'

const getRunReport = endpoint({
  name: 'getRunReport',
  method: 'GET',
  url: '/clients/:client/runs/:run/report',
  tag: 'reports',
  summary: 'The report of a run, one page that works offline',
  description:
    'Of a run that has not ended, as far as it is. A browser shows it in a sandbox: it reaches nothing of the service.',
  allow: everyRole,
  audit: 'read report',
  params: ofRun,
  answer: text,
  media: html,
  handle: async ({ service, params: { client, run }, reply }) => {
    const workspace = workspaceOf(service, client)
    // Beside other requests, where it has not been done yet.
    await packPlotly()
    const html = runReport(workspace, run)
    if (html !== undefined) return send(reply, html)
    await findRun(service, client, run)
    throw new PolkuError('RUN_NOT_BEGUN', { run })
  },
})

const listReports = endpoint({
  name: 'listReports',
  method: 'GET',
  url: '/clients/:client/reports',
  tag: 'reports',
  summary: 'The reports of a client’s notebooks, by their paths in the workspace',
  allow: everyRole,
  params: ofClient,
  query: page,
  answer: listOf(object({ path: text, bytes: Type.Integer(), changedAt: time })),
  handle: async ({ service, params: { client }, query }) => {
    const workspace = workspaceOf(service, client)
    // A cursor holds no slash.
    const { items, next } = pageOf(notebookReports(workspace), query, cursorOf)
    const answers = items.map(({ path, file }) => {
      const { size, mtime } = statSync(file)
      return { path, bytes: size, changedAt: mtime.toISOString() }
    })
    return { items: answers, next }
  },
})

const getReport = endpoint({
  name: 'getReport',
  method: 'GET',
  url: '/clients/:client/reports/:path',
  tag: 'reports',
  summary: 'A report by its path in the workspace, as models and approvals name it',
  description: 'The path’s slashes are written %2F.',
  allow: everyRole,
  audit: 'read report',
  params: object({ ...ofClient.properties, path: Type.String({ minLength: 1, maxLength: 500 }) }),
  answer: text,
  media: html,
  handle: async ({ service, params: { client, path }, reply }) =>
    send(reply, readReport(workspaceOf(service, client), path)),
})

// Whatever the page says of itself: it runs apart from the service's origin, and asks for nothing.
const sandbox = [
  'sandbox allow-scripts allow-popups',
  "default-src 'none'",
  "script-src 'unsafe-inline'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  'font-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ')

const mostBytes = 100_000_000

const send = (reply: FastifyReply, html: string): FastifyReply =>
  reply
    .header('content-security-policy', sandbox)
    .header('x-frame-options', 'SAMEORIGIN')
    .type('text/html; charset=utf-8')
    .send(html)

function runReport(workspace: Workspace, run: string): string | undefined {
  try {
    return renderRunReport(new RunFolder(workspace, run))
  } catch (error) {
    throw asPolkuError(error, `the report of ${run}`)
  }
}

interface ReportFile {
  /** Relative to the workspace. */
  readonly path: string
  readonly file: string
}

const cursorOf = ({ path }: ReportFile): string => Buffer.from(path).toString('hex')

/** The reports of notebooks that ran as steps, and those beside notebooks. */
function notebookReports(workspace: Workspace): ReportFile[] {
  const ran = workspace.internal('notebooks')
  const folders = [join(workspace.root, 'notebooks'), ...list(ran).map((name) => join(ran, name))]
  return folders
    .flatMap((folder) => list(folder).map((name) => join(folder, name)))
    .filter((file) => file.endsWith('.html') && statSync(file, { throwIfNoEntry: false })?.isFile())
    .map((file) => ({ path: workspace.relative(file), file }))
    .sort((left, right) => (cursorOf(left) < cursorOf(right) ? -1 : 1))
}

/** A report by its path in the workspace. Throws FILE_NOT_FOUND for what is none: other files are not named. */
function readReport(workspace: Workspace, path: string): string {
  const missing = () =>
    new PolkuError('FILE_NOT_FOUND', { path, actual: path, nearest: 'A report that the client or a model names.' })
  const file = resolve(workspace.root, path)
  if (!path.endsWith('.html') || !isReportFile(workspace, file)) throw missing()
  if (basename(file) === 'report.html' && dirname(dirname(file)) === workspace.internal('runs')) {
    const html = runReport(workspace, basename(dirname(file)))
    if (html === undefined) throw missing()
    return html
  }
  const state = statSync(file, { throwIfNoEntry: false })
  if (!state?.isFile() || !isReportFile(workspace, realpathSync(file))) throw missing()
  if (state.size > mostBytes)
    throw new PolkuError('FILE_UNREADABLE', { path, reason: `it is larger than ${mostBytes / 1e6} MB` })
  return readFileSync(file, 'utf8')
}

/** Inside the workspace; of Polku's own folder only runs and notebooks. */
function isReportFile(workspace: Workspace, file: string): boolean {
  const inside = (folder: string) => file.startsWith(folder + sep)
  if (!inside(workspace.root)) return false
  return !inside(workspace.internal()) || inside(workspace.internal('runs')) || inside(workspace.internal('notebooks'))
}

export const reports = { getRunReport, listReports, getReport }
