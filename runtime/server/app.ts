import Fastify, { type FastifyInstance } from 'fastify'
import { PolkuError } from '../errors.ts'
import type { Service } from '../queue/service.ts'
import { answerProblem } from './problem.ts'
import { runs } from './runs.ts'
import { signIn } from './sign-in.ts'
import { validator } from './validation.ts'

const mostBytes = 1_000_000

export interface AppOptions {
  readonly service: Service
  readonly now: () => number
  readonly logger: boolean
}

/** The service's HTTP server, not yet listening. */
export function createApp({ service, now, logger }: AppOptions): FastifyInstance {
  const app = Fastify({ logger, bodyLimit: mostBytes, forceCloseConnections: true })
  app.setErrorHandler(answerProblem)
  app.setNotFoundHandler(() => {
    throw new PolkuError('ROUTE_UNKNOWN')
  })
  app.setValidatorCompiler(validator)
  signIn(app, service.database)
  void app.register(
    async (api) => {
      runs(api, service, now)
    },
    { prefix: '/api' },
  )
  return app
}
