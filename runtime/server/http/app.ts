import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyPluginAsync } from 'fastify'
import { PolkuError } from '../../errors/errors.ts'
import type { Service } from '../../service/service.ts'
import type { OpenIdConfiguration } from '../access/openid/configuration.ts'
import { OpenIdProvider } from '../access/openid/provider.ts'
import { signIn } from '../access/sign-in.ts'
import { EventStreams } from '../routes/events/streams.ts'
import { health } from '../routes/health.ts'
import { metrics } from '../routes/metrics/metrics.ts'
import { endpoints } from '../routes/routes.ts'
import { openIdReturn } from '../routes/sign-in/openid.ts'
import { TableReaders } from '../routes/tables/reader.ts'
import type { PublicUrl } from './cookies.ts'
import type { Context, Endpoint } from './endpoint.ts'
import { protect } from './headers.ts'
import { describeApi } from './openapi.ts'
import { answerProblem } from './problem.ts'
import { register } from './register.ts'
import { validator } from './validation.ts'

const mostBytes = 1_000_000

export interface AppOptions {
  readonly service: Service
  readonly now: () => number
  /** Nothing is logged without it. */
  readonly logger?: FastifyBaseLogger | false
  /** What may read metrics, and nothing else. */
  readonly metricsToken?: string
  /** Where browsers reach the service, an origin such as `https://polku.example`. */
  readonly url?: PublicUrl
  /** The addresses of proxies that are believed when they say who sends a request. */
  readonly trustProxy?: string
  /** Where people may sign in elsewhere; needs `url`. */
  readonly openid?: OpenIdConfiguration
  /** The web pages; without them there is the API alone. */
  readonly pages?: FastifyPluginAsync
}

/** The service's HTTP server, not yet listening. Throws OPENID_INVALID where nobody says where browsers reach it. */
export function createApp({
  service,
  now,
  logger,
  metricsToken,
  url,
  trustProxy,
  openid,
  pages,
}: AppOptions): FastifyInstance {
  const provider = openid && providerOf(openid, service, url, now)
  const app = Fastify({
    ...{
      loggerInstance: logger || undefined,
      bodyLimit: mostBytes,
      forceCloseConnections: true,
      trustProxy: trustProxy ?? false,
    },
    // Longer than any name and path that an address may hold.
    routerOptions: { maxParamLength: 2000 },
    frameworkErrors: answerProblem,
  })
  app.setErrorHandler(answerProblem)
  app.setNotFoundHandler(() => {
    throw new PolkuError('ROUTE_UNKNOWN')
  })
  app.setValidatorCompiler(validator)
  // Handlers make answers of the declared shape, which the tests hold them to; a check of each would cost more than it.
  app.setSerializerCompiler(() => (answer) => JSON.stringify(answer))
  protect(app)
  signIn(app, { database: service.database, url, now })
  describeApi(app)
  health(app, service, now)
  metrics(app, { service, now, log: app.log, token: metricsToken })
  const context: Context = {
    ...{ service, now, url, openid: provider },
    tables: new TableReaders(),
    streams: new EventStreams(service.database, now),
  }
  app.addHook('preClose', () => context.streams.close())
  app.addHook('onClose', () => context.tables.close())
  const all: readonly Endpoint[] = Object.values(endpoints)
  void app.register(
    async (api) => {
      for (const endpoint of all) register(api, endpoint, context)
    },
    { prefix: '/api' },
  )
  if (pages) void app.register(pages)
  return app
}

function providerOf(openid: OpenIdConfiguration, { keys }: Service, url: PublicUrl, now: () => number): OpenIdProvider {
  if (url !== undefined) return new OpenIdProvider(openid, keys, `${url}${openIdReturn}`, now)
  const reason = 'nobody says where browsers reach this service'
  throw new PolkuError('OPENID_INVALID', { reason, right: '--url with the service’s own https address.' })
}
