import cookie from '@fastify/cookie'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { PolkuError } from '../../errors/errors.ts'
import type { ServiceDatabase } from '../../service/database/database.ts'
import { isOwnPage, type PublicUrl, sessionCookie, setSessionCookie } from '../http/cookies.ts'
import { maySee, unknownClient } from './clients.ts'
import type { Person } from './person.ts'
import { whoseSession } from './sessions.ts'
import { hashed, noteTokenUse, whoHolds } from './tokens.ts'
import { WrongAttempts } from './wrong-attempts.ts'

declare module 'fastify' {
  interface FastifyInstance {
    readonly access: Access
  }
  interface FastifyRequest {
    /** What a change by cookie must bring in the header `x-polku-forgery-token`; of a session only. */
    forgeryToken: string | undefined
  }
}

const bearer = /^Bearer (\S+)$/i
const forgeryHeader = 'x-polku-forgery-token'

interface AccessOptions {
  readonly database: ServiceDatabase
  readonly url: PublicUrl
  readonly now: () => number
}

/** Before anything else of a request: who sends it, whether they may, and whether the client is theirs to see. */
export function signIn(app: FastifyInstance, options: AccessOptions): void {
  app.decorateRequest('person', undefined)
  app.decorateRequest('forgeryToken', undefined)
  app.decorate('access', new Access(options))
  void app.register(cookie)
  app.addHook('onRequest', async (request, reply) => {
    const { endpoint } = request.routeOptions.config
    if (!endpoint || endpoint.allow === 'public') return
    const person = await app.access.senderOf(request, reply)
    if (!person) throw new PolkuError('NOT_SIGNED_IN')
    const client = (request.params as { client?: string }).client // in the address, where the endpoint has it
    // Not to be told from a client that is not there.
    if (client !== undefined && !maySee(person, client)) throw unknownClient(client)
    if (!endpoint.allow.includes(person.role)) throw new PolkuError('NOT_ALLOWED', { role: person.role })
    request.person = person
  })
}

/** Finds out who sent a request, by its token or its cookie. */
class Access {
  readonly options: AccessOptions
  readonly #attempts: WrongAttempts

  constructor(options: AccessOptions) {
    this.options = options
    this.#attempts = new WrongAttempts(options.now)
  }

  /** Undefined where nobody is signed in. Throws TOO_MANY_REQUESTS, and FORGED_REQUEST for a change by cookie that another site may have sent. */
  async senderOf(request: FastifyRequest, reply: FastifyReply): Promise<Person | undefined> {
    const token = bearer.exec(request.headers.authorization ?? '')?.[1]
    if (token !== undefined) return this.holderOf(token, request.ip)
    const secret = sessionCookie(request, this.options.url)
    return secret === undefined ? undefined : this.#byCookie(secret, request, reply)
  }

  /** Whose token it is; undefined for one that is wrong, expired or revoked, all alike. Throws TOO_MANY_REQUESTS. */
  async holderOf(token: string, address: string): Promise<Person | undefined> {
    const { database, now } = this.options
    const at = new Date(now())
    const person = await this.#lookUp(token, address, () => whoHolds(database, token, at))
    if (person && this.#attempts.holds(hashed(token))) await noteTokenUse(database, person.by.id, at)
    return person
  }

  async #lookUp<Holder>(secret: string, address: string, look: () => Promise<Holder | undefined>) {
    const hash = hashed(secret)
    if (this.#attempts.wasWrong(hash)) {
      this.#attempts.count(address)
      return undefined
    }
    const seconds = this.#attempts.hasHeld(hash) ? 0 : this.#attempts.waitFor(address)
    if (seconds > 0) throw new PolkuError('TOO_MANY_REQUESTS', { seconds })
    const holder = await look()
    if (holder === undefined) {
      this.#attempts.count(address)
      this.#attempts.isWrong(hash)
    }
    return holder
  }

  async #byCookie(secret: string, request: FastifyRequest, reply: FastifyReply): Promise<Person | undefined> {
    const { database, url, now } = this.options
    const look = () => whoseSession(database, secret, new Date(now()))
    const session = await this.#lookUp(secret, request.ip, look)
    if (!session) return undefined
    const isChange = !['GET', 'HEAD'].includes(request.method)
    if (isChange && !(isOwnPage(request, url) && hasToken(request, session.forgeryToken)))
      throw new PolkuError('FORGED_REQUEST')
    this.#attempts.holds(hashed(secret))
    if (session.renewed !== undefined) {
      this.#attempts.holds(hashed(session.renewed))
      setSessionCookie(request, reply, url, session.renewed)
    }
    request.forgeryToken = session.forgeryToken
    return session.person
  }
}

// Hashes are compared, so that the time it takes tells nothing of the token.
const hasToken = ({ headers }: FastifyRequest, token: string): boolean =>
  hashed(String(headers[forgeryHeader] ?? '')) === hashed(token)
