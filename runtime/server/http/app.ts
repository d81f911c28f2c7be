import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyPluginAsync } from 'fastify'
import { PolkuError } from '../../errors/errors.ts'
import type { Service } from '../../service/service.ts'
import type { OpenIdConfiguration } from '../access/openid/configuration.ts'
import { OpenIdProvider } from '../access/openid/provider.ts'
import { signIn } from '../access/sign-in.ts'
import { audit } from '../routes/audit.ts'
import { clients } from '../routes/clients/clients.ts'
import { events } from '../routes/events/events.ts'
import { flows } from '../routes/flows/flows.ts'
import { health } from '../routes/health.ts'
import { watch } from '../routes/incidents.ts'
import { metrics } from '../routes/metrics/metrics.ts'
import { models } from '../routes/models/models.ts'
import { nodes } from '../routes/nodes.ts'
import { people } from '../routes/people/people.ts'
import { reports } from '../routes/reports.ts'
import { runs } from '../routes/runs/runs.ts'
import { steps } from '../routes/runs/steps.ts'
import { schedules } from '../routes/schedules/schedules.ts'
import { secrets } from '../routes/secrets.ts'
import { openIdReturn, openIdSignIn } from '../routes/sign-in/openid.ts'
import { session } from '../routes/sign-in/session.ts'
import { datasets } from '../routes/tables/datasets.ts'
import { tables } from '../routes/tables/tables.ts'
import type { PublicUrl } from './cookies.ts'
import { protect } from './headers.ts'
import { describeApi } from './openapi.ts'
import { answerProblem } from './problem.ts'
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
