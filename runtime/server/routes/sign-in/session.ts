import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { PolkuError } from '../../../errors/errors.ts'
import { everyRole, type Person } from '../../access/person.ts'
import { beginSession, endSession as end } from '../../access/sessions.ts'
import { clearSessionCookie, isOwnPage, setSessionCookie } from '../../http/cookies.ts'
import { endpoint } from '../../http/endpoint.ts'
import { object } from '../../http/schemas.ts'

const sessionAnswer = object({
  name: Type.String(),
  role: Type.String(),
  clients: Type.Union([Type.Array(Type.String()), Type.Null()], { description: 'null for all' }),
  forgeryToken: Type.Union([Type.String(), Type.Null()], {
    description: 'What each change by the cookie brings in the header x-polku-forgery-token; null with a token',
  }),
})

const createSession = endpoint({
  name: 'createSession',
  method: 'POST',
  url: '/session',
  tag: 'sign in',
  summary: 'Signs a browser in with a token, by a cookie',
  description:
    'Only from a page of the service. It ends when it is idle for two hours, after twelve, or with the token.',
  allow: 'public',
  audit: 'sign in',
  auditsItself: true,
  body: object({ token: Type.String({ minLength: 1, maxLength: 200 }) }),
  answer: sessionAnswer,
  status: 201,
  handle: async ({ service, now, url, body: { token }, request, reply, audit }) => {
    // Else another site could sign a browser in as somebody else.
    if (!isOwnPage(request, url)) throw new PolkuError('FORGED_REQUEST')
    const person = await request.server.access.holderOf(token, request.ip)
    if (!person) throw new PolkuError('NOT_SIGNED_IN')
    return service.database.transaction(async (queries) => {
      const begun = await beginSession(queries, { person: person.id, token: person.by.id }, new Date(now()))
      request.person = { ...person, by: { kind: 'session', id: begun.id } }
      request.forgeryToken = begun.forgeryToken
      await audit(queries, { token: person.by.id })
      setSessionCookie(request, reply, url, begun.secret)
      return toAnswer(person, request)
    })
  },
})

const getSession = endpoint({
  name: 'getSession',
  method: 'GET',
  url: '/session',
  tag: 'sign in',
  summary: 'Who is signed in, and what changes by cookie must bring',
  allow: everyRole,
  answer: sessionAnswer,
  handle: async ({ person, request }) => toAnswer(person, request),
})

const endSession = endpoint({
  name: 'endSession',
  method: 'DELETE',
  url: '/session',
  tag: 'sign in',
  summary: 'Signs out',
  allow: everyRole,
  audit: 'sign out',
  auditsItself: true,
  answer: Type.Null(),
  status: 204,
  handle: async ({ service, url, person, request, reply, audit }) => {
    await service.database.transaction(async (queries) => {
      if (person.by.kind === 'session') await end(queries, person.by.id)
      await audit(queries)
    })
    clearSessionCookie(request, reply, url)
    return null
  },
})

const toAnswer = ({ name, role, clients }: Person, request: FastifyRequest): Static<typeof sessionAnswer> => ({
  ...{ name, role },
  clients: clients ? [...clients] : null,
  forgeryToken: request.forgeryToken ?? null,
})

export const session = { createSession, getSession, endSession }
