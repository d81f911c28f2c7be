import type { FastifyRequest } from 'fastify'
import { LRUCache } from 'lru-cache'
import { PolkuError, PolkuErrors } from '../../errors/errors.ts'
import type { Queries } from '../../service/database/database.ts'
import type { Declaration } from '../http/endpoint.ts'
import { type AuditEntry, writeAudit } from './audit-log.ts'

type Target = Readonly<Record<string, unknown>>

/** Writes one row for the request; with the transaction of a change, and what it was done to. */
export type Audit = (queries: Queries, target?: Target) => Promise<void>

/**
 * Answers a request so that it is in the audit log: written before the work, or by the handler in the work's own
 * transaction. Work that was refused after it was written has a second row that says so.
 */
export async function audited<Answer>(
  request: FastifyRequest,
  work: (audit: Audit) => Promise<Answer>,
): Promise<Answer> {
  const { endpoint } = request.routeOptions.config
  const { database } = request.server.access.options
  let isWritten = false
  const audit: Audit = async (queries, target = {}) => {
    isWritten = true
    await writeAudit(queries, entryOf(request, endpoint, target))
  }
  if (!endpoint?.audit || !isAudited(request, endpoint) || isRepeated(request, endpoint)) return work(audit)
  if (endpoint.auditsItself) {
    const answer = await work(audit)
    if (!isWritten) throw new Error(`${endpoint.name} wrote nothing to the audit log.`)
    return answer
  }
  await audit(database)
  remember(request, endpoint)
  try {
    return await work(audit)
  } catch (error) {
    await audit(database, { refused: codeOf(error) })
    throw error
  }
}

/** Whether this request does what the endpoint is audited for. */
const isAudited = ({ query }: FastifyRequest, { auditsWith }: Declaration): boolean =>
  auditsWith === undefined || Boolean((query as Target)[auditsWith]) // checked by its schema

/** How long a look that a page repeats by itself is written once, in ms, and how many looks are remembered. */
const repeatedWithin = 60_000
const mostLooks = 10_000
/** When each person looked at each address last, by server. */
const looks = new WeakMap<object, LRUCache<string, number>>()

function looksOf({ server: { access } }: FastifyRequest): LRUCache<string, number> {
  const times = looks.get(access) ?? new LRUCache<string, number>({ max: mostLooks })
  looks.set(access, times)
  return times
}

const lookOf = ({ person, url }: FastifyRequest): string => `${person?.id} ${url.split('?')[0]}`

/** Whether the person has looked there within the minute: the page of a running run asks again and again. */
function isRepeated(request: FastifyRequest, { auditsWith }: Declaration): boolean {
  const last = auditsWith === undefined ? undefined : looksOf(request).get(lookOf(request))
  return last !== undefined && Math.abs(request.server.access.options.now() - last) < repeatedWithin
}

function remember(request: FastifyRequest, { auditsWith }: Declaration): void {
  if (auditsWith === undefined) return
  looksOf(request).set(lookOf(request), request.server.access.options.now())
}

const codeOf = (error: unknown): string => {
  if (error instanceof PolkuErrors) return error.errors[0]?.code ?? 'INTERNAL'
  return error instanceof PolkuError ? error.code : 'INTERNAL'
}

function entryOf(request: FastifyRequest, endpoint: Declaration | undefined, target: Target): AuditEntry {
  const { person, ip, server } = request
  const { client, ...params } = request.params as Record<string, string> // of the address, checked by its schema
  const values = { ...(request.query as object), ...(request.body as object | null) } as Target // checked by their schemas
  const fields = (endpoint?.auditFields ?? []).filter((field) => values[field] !== undefined)
  return {
    at: new Date(server.access.options.now()),
    person: person && { id: person.id, name: person.name },
    client,
    action: endpoint?.audit ?? '',
    target: {
      ...params,
      ...Object.fromEntries(fields.map((field) => [field, values[field]])),
      ...target,
      ...(person && { by: person.by }),
    },
    address: ip,
  }
}
