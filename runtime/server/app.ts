import Fastify, { type FastifyInstance } from 'fastify'
import { PolkuError } from '../errors.ts'
import type { Service } from '../queue/service.ts'
import { audit } from './audit.ts'
import type { PublicUrl } from './cookies.ts'
import { protect } from './headers.ts'
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
}

/** The service's HTTP server, not yet listening. */
export function createApp({ service, now, logger, url, trustProxy }: AppOptions): FastifyInstance {
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
      secrets(api, service, now)
    },
    { prefix: '/api' },
  )
  return app
}
