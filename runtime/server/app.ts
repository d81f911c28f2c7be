import Fastify, { type FastifyInstance } from 'fastify'
import { PolkuError } from '../errors.ts'
import type { Service } from '../queue/service.ts'
import { audit } from './audit.ts'
import type { PublicUrl } from './cookies.ts'
import { protect } from './headers.ts'
import type { OpenIdConfiguration } from './openid/configuration.ts'
import { OpenIdProvider } from './openid/provider.ts'
import { openIdReturn, openIdSignIn } from './openid/sign-in.ts'
import { people } from './people.ts'
import { answerProblem } from './problem.ts'
import { runs } from './runs.ts'
import { secrets } from './secrets.ts'
import { session } from './session.ts'
import { signIn } from './sign-in.ts'
import { validator } from './validation.ts'

const mostBytes = 1_000_000

export interface AppOptions {
  readonly service: Service
  readonly now: () => number
  readonly logger: boolean
  /** Where browsers reach the service, an origin such as `https://polku.example`. */
  readonly url?: PublicUrl
  /** The addresses of proxies whose word on who asks is taken. */
  readonly trustProxy?: string
  /** Where people may sign in elsewhere; needs `url`. */
  readonly openid?: OpenIdConfiguration
}

/** The service's HTTP server, not yet listening. Throws OPENID_INVALID where nobody says where browsers reach it. */
export function createApp({ service, now, logger, url, trustProxy, openid }: AppOptions): FastifyInstance {
  const provider = openid && providerOf(openid, service, url, now)
  const app = Fastify({ logger, bodyLimit: mostBytes, forceCloseConnections: true, trustProxy: trustProxy ?? false })
  app.setErrorHandler(answerProblem)
  app.setNotFoundHandler(() => {
    throw new PolkuError('ROUTE_UNKNOWN')
  })
  app.setValidatorCompiler(validator)
  protect(app)
  signIn(app, { database: service.database, url, now })
  void app.register(
    async (api) => {
      runs(api, service, now)
      people(api, service, now)
      audit(api, service)
      session(api)
      openIdSignIn(api, provider)
      secrets(api, service, now)
    },
    { prefix: '/api' },
  )
  return app
}

function providerOf(openid: OpenIdConfiguration, { keys }: Service, url: PublicUrl, now: () => number): OpenIdProvider {
  if (url !== undefined) return new OpenIdProvider(openid, keys, `${url}${openIdReturn}`, now)
  const reason = 'nobody says where browsers reach this service'
  throw new PolkuError('OPENID_INVALID', { reason, right: '--url with the service’s own https address.' })
}
