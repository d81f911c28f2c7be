import { readFileSync } from 'node:fs'
import type {} from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { type Answer, mayCall, type Operation } from '../client/client.ts'
import { type Html, html } from '../html/html.ts'
import { icon, sharedStyle, sheetText } from '../html/page.ts'

/** Who looks at a page, and what their changes must bring. */
export type Session = Answer<'getSession'>

/** Whether the API lets this person call it. */
export const may = ({ role }: Session, operation: Operation): boolean => mayCall(role, operation)

export interface Page {
  readonly title: string
  readonly body: Html
  /** From the start page down, without the page itself. */
  readonly path?: readonly { readonly href: string; readonly name: string }[]
  /** None where nobody is signed in. */
  readonly session?: Session
  /** Seconds after which a browser without scripts asks again. */
  readonly reload?: number
  /** Where a browser is sent at once. */
  readonly refresh?: string
}

/** What stands in every form of a change. */
export const forgeryField = ({ forgeryToken }: Session): Html =>
  html`<input type="hidden" name="forgery" value="${forgeryToken}">`

const navigation = (session: Session): Html => html`<nav aria-label="Main">
<ul>
<li><a href="/">Clients</a></li>
${may(session, 'listPeople') && html`<li><a href="/people">People</a></li>`}
${may(session, 'listAudit') && html`<li><a href="/audit">Audit</a></li>`}
<li><a href="/api/docs">API</a></li>
</ul>
</nav>
<form method="post" action="/sign-out" class="who">
<span><bdi>${session.name}</bdi> <span class="quiet">${session.role}</span></span>
${forgeryField(session)}
<button class="plain">Sign out</button>
</form>`

const trail = (
  path: NonNullable<Page['path']>,
  title: string,
): Html => html`<nav aria-label="Where you are" class="trail">
<ol>
${path.map(({ href, name }) => html`<li><a href="${href}"><bdi>${name}</bdi></a></li>\n`)}
<li aria-current="page"><bdi>${title}</bdi></li>
</ol>
</nav>`

/** A page as HTML. It runs and loads nothing but the console's own files. */
export const renderPage = ({ title, body, path, session, reload, refresh }: Page): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<title>${title} – Polku</title>
<link rel="icon" href="/console/icon.svg">
<link rel="stylesheet" href="/console/style.css">
<script src="/console/script.js" defer></script>
${reload !== undefined && html`<noscript><meta http-equiv="refresh" content="${reload}"></noscript>`}
${refresh !== undefined && html`<meta http-equiv="refresh" content="0; url=${refresh}">`}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="bar"><div class="inner">
<a class="brand" href="/">Polku</a>
${session && navigation(session)}
</div></header>
<main id="main" tabindex="-1">
${path && trail(path, title)}
${body}
</main>
</body>
</html>
`.markup

const asset = (name: string): URL => new URL(`./assets/${name}`, import.meta.url)

// Compared with @fastify/static 10: two of the three are put together, and no address leads to a folder here.
/** The console's style, script and picture: files, because its pages allow nothing that stands in them. */
export function serveAssets(app: FastifyInstance): void {
  const files: readonly (readonly [string, string, string])[] = [
    ['/console/style.css', 'text/css; charset=utf-8', `${sharedStyle}\n${sheetText([asset('console.css')])}`],
    ['/console/script.js', 'text/javascript; charset=utf-8', readFileSync(asset('console.js'), 'utf8')],
    ['/console/icon.svg', 'image/svg+xml', icon],
  ]
  for (const [url, type, text] of files)
    app.get(url, { schema: { hide: true } }, async (_, reply) =>
      reply.type(type).header('cache-control', 'public, max-age=300').send(text),
    )
}
