import { Type } from 'typebox'
import { endpoint, everyRole } from '../http/endpoint.ts'
import { listOf, object, ofClient, ofRun, page, text, time } from '../http/schemas.ts'

const html = 'text/html'

export const getRunReport = endpoint({
  name: 'getRunReport',
  method: 'GET',
  url: '/clients/:client/runs/:run/report',
  tag: 'reports',
  summary: 'The report of a run, one page that works offline',
  description:
    'Of a run that goes on, as far as it is. A browser shows it in a sandbox: it reaches nothing of the service.',
  allow: everyRole,
  audit: 'read report',
  params: ofRun,
  answer: text,
  media: html,
})

export const listReports = endpoint({
  name: 'listReports',
  method: 'GET',
  url: '/clients/:client/reports',
  tag: 'reports',
  summary: 'The reports of a client’s notebooks, by their paths in the workspace',
  allow: everyRole,
  params: ofClient,
  query: page,
  answer: listOf(object({ path: text, bytes: Type.Integer(), changedAt: time })),
})

export const getReport = endpoint({
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
})
