import type { FastifyReply, FastifyRequest } from 'fastify'
import { absoluteEnd } from '../access/sessions.ts'

/** Where browsers reach the service, an origin such as `https://polku.example`; undefined where they come as they address it. */
export type PublicUrl = string | undefined

const addressed = ({ protocol, host }: FastifyRequest): string => `${protocol}://${host}`

const isSecure = (request: FastifyRequest, url: PublicUrl): boolean => (url ?? addressed(request)).startsWith('https:')

// The prefix makes a browser refuse the cookie from another host or over plain http.
const nameOf = (secure: boolean): string => (secure ? '__Host-polku_session' : 'polku_session')

/** The value of the session's cookie. */
export const sessionCookie = (request: FastifyRequest, url: PublicUrl): string | undefined =>
  request.server.parseCookie(request.headers.cookie ?? '')[nameOf(isSecure(request, url))]

export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, url: PublicUrl, secret: string): void {
  const secure = isSecure(request, url)
  void reply.setCookie(nameOf(secure), secret, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure,
    maxAge: absoluteEnd / 1000,
  })
}

export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply, url: PublicUrl): void {
  const secure = isSecure(request, url)
  void reply.clearCookie(nameOf(secure), { path: '/', httpOnly: true, sameSite: 'strict', secure })
}

const openidCookie = 'polku_openid'
const openidPath = '/api/sign-in'

/** Keeps what signing in elsewhere began with; the way back comes from another site, so the cookie is not strict. */
export function setOpenidCookie(request: FastifyRequest, reply: FastifyReply, url: PublicUrl, value: string): void {
  const secure = isSecure(request, url)
  void reply.setCookie(openidCookie, value, { path: openidPath, httpOnly: true, sameSite: 'lax', secure, maxAge: 600 })
}

/** Takes it away: it is for one way back only. */
export function takeOpenidCookie(request: FastifyRequest, reply: FastifyReply): string | undefined {
  void reply.clearCookie(openidCookie, { path: openidPath })
  return request.server.parseCookie(request.headers.cookie ?? '')[openidCookie]
}

/** Whether a browser says that this service's own page sent the request. Only browsers that say nothing are unclear. */
export function isOwnPage(request: FastifyRequest, url: PublicUrl): boolean {
  const { origin } = request.headers
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return false
  if (origin !== undefined && origin !== (url ?? addressed(request)).toLowerCase()) return false
  return site !== undefined || origin !== undefined
}
