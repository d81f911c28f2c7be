import { Type } from 'typebox'
import { PolkuError } from '../../../errors/errors.ts'
import { admit } from '../../access/openid/admit.ts'
import type { OpenIdProvider } from '../../access/openid/provider.ts'
import { beginSession } from '../../access/sessions.ts'
import { setOpenidCookie, setSessionCookie, takeOpenidCookie } from '../../http/cookies.ts'
import { endpoint } from '../../http/endpoint.ts'
import { object } from '../../http/schemas.ts'

const getSignIn = endpoint({
  name: 'getSignIn',
  method: 'GET',
  url: '/sign-in',
  tag: 'sign in',
  summary: 'How people sign in',
  allow: 'public',
  answer: object({ openid: Type.Boolean({ description: 'Whether /api/sign-in/openid leads to a provider' }) }),
  handle: async ({ openid }) => ({ openid: openid !== undefined }),
})

const beginOpenId = endpoint({
  name: 'beginOpenId',
  method: 'GET',
  url: '/sign-in/openid',
  tag: 'sign in',
  summary: 'Sends a browser to the OpenID provider',
  allow: 'public',
  answer: Type.Null(),
  status: 302,
  handle: async ({ openid, url, request, reply }) => {
    const { address, sealed } = await required(openid).begin()
    setOpenidCookie(request, reply, url, sealed)
    return reply.redirect(address)
  },
})

const finishOpenId = endpoint({
  name: 'finishOpenId',
  method: 'GET',
  url: '/sign-in/openid/return',
  tag: 'sign in',
  summary: 'Where the OpenID provider sends a browser back',
  allow: 'public',
  audit: 'sign in',
  auditsItself: true,
  query: Type.Object(
    {
      code: Type.Optional(Type.String({ maxLength: 4096 })),
      state: Type.Optional(Type.String({ maxLength: 4096 })),
      error: Type.Optional(Type.String({ maxLength: 4096 })),
    },
    { description: 'Providers add more' },
  ),
  answer: Type.String({ description: 'A page that leads to the first one' }),
  media: 'text/html',
  handle: async ({ service, now, url, openid, request, reply, audit }) => {
    const sealed = takeOpenidCookie(request, reply)
    const identity = await required(openid).finish(request.url.split('?')[1] ?? '', sealed)
    await service.database.transaction(async (queries) => {
      const { id, name, role, clients } = await admit(queries, identity, required(openid).configuration)
      const session = await beginSession(queries, { person: id }, new Date(now()))
      request.person = { id, name, role, clients: clients ?? undefined, by: { kind: 'session', id: session.id } }
      await audit(queries, { openid: identity.subject })
      setSessionCookie(request, reply, url, session.secret)
    })
    return reply.type('text/html; charset=utf-8').send(page)
  },
})

function required(provider: OpenIdProvider | undefined): OpenIdProvider {
  if (provider) return provider
  throw new PolkuError('OPENID_FAILED', { reason: 'this service knows no provider' })
}

export const openIdReturn = '/api/sign-in/openid/return'

// The cookie goes to no page that another site leads to: this page is the service's own, and leads on.
const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Polku</title><meta http-equiv="refresh" content="0;url=/"></head>
<body><p>Signed in. <a href="/">Go on</a></p></body></html>
`

export const openIdSignIn = { getSignIn, beginOpenId, finishOpenId }
