import type { FastifyInstance, FastifyRequest } from 'fastify'
import { PolkuError } from '../errors.ts'
import type { ServiceDatabase } from '../queue/database/database.ts'
import { maySee, type Person } from './person.ts'
import { whoHolds } from './tokens.ts'

const bearer = /^Bearer (\S+)$/i

/** Before anything else of a request: who asks, whether they may, and whether the client is theirs to see. */
export function signIn(app: FastifyInstance, database: ServiceDatabase): void {
  app.decorateRequest('person', undefined)
  app.addHook('onRequest', async (request) => {
    const { endpoint } = request.routeOptions.config
    if (!endpoint || endpoint.allow === 'public') return
    const person = await whoAsks(request, database)
    if (!person) throw new PolkuError('NOT_SIGNED_IN')
    const client = (request.params as { client?: string }).client // in the address, where the endpoint has it
    // Not to be told from a client that is not there.
    if (client !== undefined && !maySee(person, client)) throw unknownClient(client)
    if (!endpoint.allow.includes(person.role)) throw new PolkuError('NOT_ALLOWED', { role: person.role })
    request.person = person
  })
}

export const unknownClient = (client: string): PolkuError =>
  new PolkuError('CLIENT_UNKNOWN', { client, nearest: 'A client that you may see.' })

async function whoAsks(request: FastifyRequest, database: ServiceDatabase): Promise<Person | undefined> {
  const token = bearer.exec(request.headers.authorization ?? '')?.[1]
  return token === undefined ? undefined : whoHolds(database, token)
}
