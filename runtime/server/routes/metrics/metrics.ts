import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import { PolkuError } from '../../../errors/errors.ts'
import type { Log } from '../../../service/log.ts'
import { Loop } from '../../../service/loop.ts'
import type { Service } from '../../../service/service.ts'
import { hashed } from '../../access/tokens.ts'
import { ProgressMetrics } from './progress.ts'
import { LabelValues, StateMetrics } from './state.ts'

/** How often events are counted though nobody asks, in ms: else who asks after a week would wait for them. */
const countEvery = 30_000
const mostClients = 1000
const mostNodes = 500
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]

interface MetricsOptions {
  readonly service: Service
  readonly now: () => number
  readonly log: Log
  /** What may read metrics and nothing else (POLKU_METRICS_TOKEN). */
  readonly token: string | undefined
}

/** `/metrics` in the text format of Prometheus, for that token or an administrator of all clients. */
export function metrics(app: FastifyInstance, { service, now, log, token }: MetricsOptions): void {
  const registry = new Registry()
  const clients = new LabelValues(mostClients)
  const state = new StateMetrics(service, clients, registry)
  const labels = { clients, nodes: new LabelValues(mostNodes) }
  const progress = new ProgressMetrics(service.database, labels, registry)
  collectDefaultMetrics({ register: registry })
  const latency = new Histogram({
    ...{ name: 'polku_http_seconds', help: 'What answers took', labelNames: ['method', 'route', 'status'], buckets },
    registers: [registry],
  })
  const loop = new Loop(() => progress.look(), countEvery, log)
  app.addHook('onReady', async () => loop.start())
  app.addHook('onClose', () => loop.stop())
  app.addHook('onResponse', async ({ method, routeOptions }, reply) => {
    // Addresses that lead nowhere are as many as anybody likes.
    const route = routeOptions.url ?? 'none'
    latency.observe({ method, route, status: `${Math.floor(reply.statusCode / 100)}xx` }, reply.elapsedTime / 1000)
  })
  app.get('/metrics', async (request, reply) => {
    await allow(app, request, reply, token)
    await progress.look()
    await state.look(now())
    return reply.type(registry.contentType).send(await registry.metrics())
  })
}

/** Throws NOT_SIGNED_IN, NOT_ALLOWED, and ADMINISTRATOR_LIMITED: metrics tell of every client. */
async function allow(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply, token: string | undefined) {
  const bearer = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  // Hashes are compared, so that the time it takes tells nothing of the token.
  if (bearer && token && timingSafeEqual(Buffer.from(hashed(bearer)), Buffer.from(hashed(token)))) return
  const person = await app.access.senderOf(request, reply)
  if (!person) throw new PolkuError('NOT_SIGNED_IN')
  if (person.role !== 'administrator') throw new PolkuError('NOT_ALLOWED', { role: person.role })
  if (person.clients !== undefined) throw new PolkuError('ADMINISTRATOR_LIMITED')
}
