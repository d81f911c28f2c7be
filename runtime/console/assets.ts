import { readFileSync } from 'node:fs'
import type {} from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { sheetText } from '../html/page.ts'

const own = (name: string): URL => new URL(`./assets/${name}`, import.meta.url)
const ofReports = (name: string): URL => new URL(`../html/styles/${name}.css`, import.meta.url)

// The look of the reports, and what only pages have.
const sheets = [...['base', 'flow', 'findings', 'tables', 'pairs'].map(ofReports), own('console.css')]

/** The console's style, script and picture: files, because its pages allow nothing that stands in them. */
export function serveAssets(app: FastifyInstance): void {
  const files: readonly (readonly [string, string, string])[] = [
    ['/console/style.css', 'text/css; charset=utf-8', sheetText(sheets)],
    ['/console/script.js', 'text/javascript; charset=utf-8', readFileSync(own('console.js'), 'utf8')],
    ['/console/icon.svg', 'image/svg+xml', readFileSync(own('icon.svg'), 'utf8')],
  ]
  for (const [url, type, text] of files)
    app.get(url, { schema: { hide: true } }, async (_, reply) =>
      reply.type(type).header('cache-control', 'public, max-age=300').send(text),
    )
}
