import type { FastifyInstance } from 'fastify'
import { PolkuError } from '../../../errors/errors.ts'
import { admit } from '../../access/openid/admit.ts'
import type { OpenIdProvider } from '../../access/openid/provider.ts'
import { beginSession } from '../../access/sessions.ts'
import { beginOpenId, finishOpenId, getSignIn } from '../../api/openid.ts'
import { setOpenidCookie, setSessionCookie, takeOpenidCookie } from '../../http/cookies.ts'
import { serve } from '../../http/register.ts'

export const openIdReturn = '/api/sign-in/openid/return'

// The cookie goes to no page that another site leads to: this page is the service's own, and leads on.
const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Polku</title><meta http-equiv="refresh" content="0;url=/"></head>
<body><p>Signed in. <a href="/">Go on</a></p></body></html>
`

/** Signing in at an OpenID provider, where one is configured. */
export function openIdSignIn(app: FastifyInstance, provider: OpenIdProvider | undefined): void {
  const { database, url, now } = app.access.options
  const required = (): OpenIdProvider => {
    if (provider) return provider
    throw new PolkuError('OPENID_FAILED', { reason: 'this service knows no provider' })
  }

  serve(app, getSignIn, async () => ({ openid: provider !== undefined }))

  serve(app, beginOpenId, async ({ request, reply }) => {
    const { address, sealed } = await required().begin()
    setOpenidCookie(request, reply, url, sealed)
    return reply.redirect(address)
  })

  serve(app, finishOpenId, async ({ request, reply, audit }) => {
    const sealed = takeOpenidCookie(request, reply)
    const identity = await required().finish(request.url.split('?')[1] ?? '', sealed)
    await database.transaction(async (queries) => {
      const { id, name, role, clients } = await admit(queries, identity, required().configuration)
      const session = await beginSession(queries, { person: id }, new Date(now()))
      request.person = { id, name, role, clients: clients ?? undefined, by: { kind: 'session', id: session.id } }
      await audit(queries, { openid: identity.subject })
      setSessionCookie(request, reply, url, session.secret)
    })
    return reply.type('text/html; charset=utf-8').send(page)
  })
}
