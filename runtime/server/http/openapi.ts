import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'

const description = `Errors are answered as \`application/problem+json\` with a code; 404 says that nothing is there or that it is not yours to see.
Lists give \`items\` and \`next\`, the cursor of the next page. Changes by a session's cookie bring the header x-polku-forgery-token.`

// The page's own files only; its library sets styles on elements and draws its icons from data.
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** Describes every endpoint that is registered after it: /api/openapi.json, and a page to try them at /api/docs. */
export function describeApi(app: FastifyInstance): void {
  void app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Polku', version: '1', description },
      servers: [{ url: '/' }],
      security: [{ token: [] }, { session: [] }],
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'A token, polku_…' },
          session: { type: 'apiKey', in: 'cookie', name: 'polku_session', description: 'Of a browser that signed in' },
        },
      },
    },
  })
  void app.register(swaggerUi, {
    routePrefix: '/api/docs',
    staticCSP: policy,
    uiConfig: { layout: 'BaseLayout', validatorUrl: null },
    theme: { title: 'Polku: the API' },
  })
  app.get('/api/openapi.json', { schema: { hide: true } }, async () => app.swagger())
}
