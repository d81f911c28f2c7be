import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { everyRole, type Role } from '../../../../runtime/server/access/person.ts'
import type { Declaration as Endpoint } from '../../../../runtime/server/http/endpoint.ts'
import { type TestApp, testApp } from '../../../fixtures/app.ts'
import { runRequest } from '../../../fixtures/service.ts'
import { matrix, openRoutes } from './role-matrix.ts'

let server: TestApp
const endpoints: Endpoint[] = []
const others: string[] = []
const tokens = new Map<Role, string>()

/** Every route that is registered, whoever registers it. */
function gather(app: FastifyInstance): void {
  app.addHook('onRoute', ({ method, url, config }) => {
    const methods = [method].flat().filter((one) => one !== 'HEAD')
    if (methods.length === 0) return
    if (config?.endpoint) endpoints.push({ ...config.endpoint, url })
    else others.push(`${methods} ${url}`)
  })
}

beforeAll(async () => {
  server = await testApp(['first', 'second'], { prepare: gather })
  for (const role of everyRole) tokens.set(role, (await server.person(role)).token)
})
afterAll(() => server.end())

const ids: Record<string, string> = {
  client: 'first',
  person: '00000000-0000-4000-8000-000000000000',
  token: '00000000-0000-4000-8000-000000000000',
}

const address = ({ url }: Endpoint, client = 'first'): string =>
  url.replaceAll(/:(\w+)|\*/g, (_, name: string) => (name === 'client' ? client : (ids[name] ?? 'nothing')))

/** Asks without a body: who may ask is decided before anything else is looked at. */
const attempt = async (endpoint: Endpoint, token: string, client?: string) => {
  const answer = await server.app.inject({
    method: endpoint.method,
    url: address(endpoint, client),
    headers: token ? { authorization: `Bearer ${token}` } : {},
    payloadAsStream: true,
  })
  // A stream of events would not end by itself.
  const isEndless = endpoint.media === 'text/event-stream' && answer.statusCode === 200
  if (isEndless) answer.stream().destroy()
  const text = isEndless ? '' : (await answer.stream().toArray()).map(String).join('')
  return { status: answer.statusCode, text }
}

describe('the matrix of roles and endpoints', () => {
  test('has an entry for each endpoint and none besides, as the endpoint is declared', () => {
    const declared = Object.fromEntries(endpoints.map(({ name, allow }) => [name, allow]))
    expect(declared).toEqual(matrix)
    expect(new Set(endpoints.map(({ name }) => name)).size).toBe(endpoints.length)
  })

  test('leaves no other route than those that are known to be for everybody', () => {
    expect(others.filter((route) => !openRoutes.some((pattern) => pattern.test(route)))).toEqual([])
  })

  test('every change is audited', () => {
    const changes = endpoints.filter(({ method, audit }) => method !== 'GET' && audit === undefined)
    expect(changes.map(({ name }) => name)).toEqual([])
  })

  test('every look at what may quote a customer’s row is audited', () => {
    const looks = endpoints.filter(({ method, audit }) => method === 'GET' && audit !== undefined)
    expect(looks.map(({ name }) => name).sort()).toEqual([
      ...['finishOpenId', 'getReport', 'getRunReport', 'getStep', 'listSteps', 'profileDataset', 'profileOutput'],
      ...['readDataset', 'readOutput'],
    ])
  })

  test('nobody gets in without a token', async () => {
    for (const endpoint of endpoints.filter(({ allow }) => allow !== 'public'))
      expect((await attempt(endpoint, '')).status, endpoint.name).toBe(401)
  })

  test.each(everyRole)('a person of the role %s does what it allows and nothing else', async (role) => {
    for (const endpoint of endpoints.filter(({ allow }) => allow !== 'public')) {
      const { status, text } = await attempt(endpoint, tokens.get(role) ?? '')
      if (endpoint.allow.includes(role)) expect([401, 403], `${endpoint.name}: ${text}`).not.toContain(status)
      else expect({ name: endpoint.name, status }).toEqual({ name: endpoint.name, status: 403 })
    }
  })
})

describe('another client', () => {
  test('is not to be told from none, by looks and by changes', async () => {
    for (const role of everyRole) {
      const { token } = await server.person(role, ['second'])
      for (const endpoint of endpoints.filter(({ url }) => url.includes(':client'))) {
        const there = await attempt(endpoint, token, 'first')
        const nowhere = await attempt(endpoint, token, 'nowhere')
        const as = ({ status, text }: typeof there, name: string) => `${status} ${text.replaceAll(name, 'NAME')}`
        expect(as(there, 'first'), endpoint.name).toBe(as(nowhere, 'nowhere'))
        expect(there.status, endpoint.name).toBe(404)
      }
    }
  })

  test('has its runs seen and cancelled by nobody who may not', async () => {
    const { run } = await server.service.queue.request(runRequest('two'))
    const { token } = await server.person('operator', ['second'])
    for (const client of ['first', 'second']) {
      const look = await server.ask('GET', `/api/clients/${client}/runs/${run.id}`, { token })
      const cancel = await server.ask('POST', `/api/clients/${client}/runs/${run.id}/cancel`, { token })
      expect([look.status, cancel.status]).toEqual([404, 404])
    }
    expect((await server.service.queue.get('first', run.id))?.cancel).toBe(false)
  })
})
