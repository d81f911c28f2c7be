import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import { PolkuError } from '../../../errors/errors.ts'
import type { Person } from '../../access/person.ts'
import { beginSession, endSession as end } from '../../access/sessions.ts'
import { createSession, endSession, getSession, type sessionAnswer } from '../../api/session.ts'
import { clearSessionCookie, isOwnPage, setSessionCookie } from '../../http/cookies.ts'
import { serve } from '../../http/register.ts'

/** Signing in and out with a browser. */
export function session(app: FastifyInstance): void {
  const { database, url, now } = app.access.options

  serve(app, createSession, async ({ body: { token }, request, reply, audit }) => {
    // Else another site could sign a browser in as somebody else.
    if (!isOwnPage(request, url)) throw new PolkuError('FORGED_REQUEST')
    const person = await app.access.holderOf(token, request.ip)
    if (!person) throw new PolkuError('NOT_SIGNED_IN')
    return database.transaction(async (queries) => {
      const begun = await beginSession(queries, { person: person.id, token: person.by.id }, new Date(now()))
      request.person = { ...person, by: { kind: 'session', id: begun.id } }
      request.forgeryToken = begun.forgeryToken
      await audit(queries, { token: person.by.id })
      setSessionCookie(request, reply, url, begun.secret)
      return toAnswer(person, request)
    })
  })

  serve(app, getSession, async ({ person, request }) => toAnswer(person, request))

  serve(app, endSession, async ({ person, request, reply, audit }) => {
    await database.transaction(async (queries) => {
      if (person.by.kind === 'session') await end(queries, person.by.id)
      await audit(queries)
    })
    clearSessionCookie(request, reply, url)
    return null
  })
}

const toAnswer = ({ name, role, clients }: Person, request: FastifyRequest): Static<typeof sessionAnswer> => ({
  ...{ name, role },
  clients: clients ? [...clients] : null,
  forgeryToken: request.forgeryToken ?? null,
})
