import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyPluginAsync } from 'fastify'
import { PolkuError } from '../errors/errors.ts'
import type { Service } from '../service/service.ts'
import { audit } from './audit.ts'
import { clients } from './clients.ts'
import type { PublicUrl } from './cookies.ts'
import { datasets } from './datasets.ts'
import { events } from './events.ts'
import { flows } from './flows.ts'
import { protect } from './headers.ts'
import { health } from './health.ts'
import { metrics } from './metrics/metrics.ts'
import { models } from './models.ts'
import { nodes } from './nodes.ts'
import { describeApi } from './openapi.ts'
import type { OpenIdConfiguration } from './openid/configuration.ts'
import { OpenIdProvider } from './openid/provider.ts'
import { openIdReturn, openIdSignIn } from './openid/sign-in.ts'
import { people } from './people.ts'
import { answerProblem } from './problem.ts'
import { reports } from './reports.ts'
import { runs } from './runs.ts'
import { schedules } from './schedules.ts'
import { secrets } from './secrets.ts'
import { session } from './session.ts'
import { signIn } from './sign-in.ts'
import { steps } from './steps.ts'
import { tables } from './tables.ts'
import { validator } from './validation.ts'
import { watch } from './watch.ts'

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
  /** The addresses of proxies whose word on who asks is taken. */
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
  void app.register(
    async (api) => {
      clients(api, service)
      flows(api, service, now)
      nodes(api, service)
      runs(api, service, now)
      steps(api, service)
      tables(api, service)
      datasets(api, service)
      models(api, service, now)
      reports(api, service)
      schedules(api, service)
      events(api, service, now)
      people(api, service, now)
      audit(api, service)
      session(api)
      openIdSignIn(api, provider)
      secrets(api, service, now)
      watch(api, service, now)
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
