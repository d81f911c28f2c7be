import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Validator } from '@seriousme/openapi-schema-validator'
import fc from 'fast-check'
import type { InjectOptions } from 'fastify'
import type { TSchema } from 'typebox'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { shapeFaults } from '../../../../runtime/data/shape.ts'
import type { Declaration as Endpoint } from '../../../../runtime/server/http/endpoint.ts'
import { problemAnswer } from '../../../../runtime/server/http/problem.ts'
import { endpoints } from '../../../../runtime/server/routes/routes.ts'
import { type TestApp, testApp } from '../../../fixtures/app.ts'
import { runRequest } from '../../../fixtures/service.ts'
import { fitting, unfitting } from './arbitrary.ts'

let server: TestApp
const registered: Endpoint[] = []
/** Names that are there, for addresses. */
const there: Record<string, string> = { client: 'first', flow: 'two', family: 'segment', node: 'rfm', step: 's0' }
beforeAll(async () => {
  server = await testApp(['first', 'second'], {
    prepare: (app) => {
      app.addHook('onRoute', ({ config, method }) => {
        if (config?.endpoint && method !== 'HEAD') registered.push(config.endpoint)
      })
    },
  })
  await server.app.ready()
  const { run } = await server.service.queue.request(runRequest('two'))
  there.run = run.id
})
afterAll(() => server.end())

const all: readonly Endpoint[] = Object.values(endpoints)
/** Each of these is a process. */
const heavy = ['checkFlow', 'saveFlow', 'createClient']

test('every endpoint is one that the typed client has', () => {
  expect(registered.map(({ name }) => name).sort()).toEqual(Object.keys(endpoints).sort())
})

describe('the OpenAPI document', () => {
  test('is valid, of version 3.1, and has every endpoint with its errors', async () => {
    const { body } = await server.ask('GET', '/api/openapi.json', { token: '' })
    const { valid, errors } = await new Validator().validate(structuredClone(body))
    expect(valid, JSON.stringify(errors)?.slice(0, 2000)).toBe(true)
    expect(body.openapi).toBe('3.1.0')
    const operations = Object.values(body.paths as Record<string, Record<string, { operationId: string }>>)
      .flatMap((path) => Object.values(path))
      .map((operation) => operation as { operationId: string; responses: Record<string, { content?: object }> })
    expect(operations.map(({ operationId }) => operationId).sort()).toEqual(all.map(({ name }) => name).sort())
    for (const { operationId, responses } of operations)
      expect(Object.keys(responses.default?.content ?? {}), operationId).toEqual(['application/problem+json'])
    expect(Object.keys(body.components.securitySchemes)).toEqual(['token', 'session'])
    expect(body.paths['/api/clients/{client}/runs'].post.parameters).toContainEqual(
      expect.objectContaining({ in: 'header', name: 'idempotency-key', required: false }),
    )
  })

  test('has a page to try it that loads its own files only', async () => {
    const page = await server.ask('GET', '/api/docs', { token: '' })
    expect(page.headers['content-security-policy']).toContain("script-src 'self';")
    expect(page.text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
    expect(page.text).not.toMatch(/<script(?![^>]*src=)[^>]*>[^<]*\S/)
    const scripts = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url ?? '')
    for (const url of scripts) expect((await server.ask('GET', url)).status, url).toBe(200)
  })
})

interface Drawn {
  readonly params: Readonly<Record<string, unknown>>
  readonly query: Readonly<Record<string, unknown>>
  readonly body: unknown
}

const objectOr = (value: unknown): Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? { ...value } : {}

/** Requests to an endpoint: by its schemas, mostly of what is there, or against them. */
function requests({ params, query, body }: Endpoint, of: (schema: TSchema) => fc.Arbitrary<unknown>) {
  const part = (schema: TSchema | undefined) => (schema ? of(schema) : fc.constant({}))
  return fc
    .record({
      params: part(params),
      query: part(query),
      body: body ? of(body) : fc.constant(undefined),
      existing: fc.double(),
    })
    .map(({ existing, ...drawn }): Drawn => {
      const values = objectOr(drawn.params)
      const names =
        existing > 0
          ? Object.fromEntries(Object.keys(values).map((name) => [name, there[name] ?? values[name]]))
          : values
      return { params: names, query: objectOr(drawn.query), body: drawn.body }
    })
}

const text = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value))
/** Half of a character cannot be written in an address. */
const encoded = (value: unknown): string => encodeURIComponent(text(value).toWellFormed())

function injected({ method, url }: Endpoint, { params, query, body }: Drawn): InjectOptions {
  const path = url.replaceAll(/:(\w+)/g, (_, name: string) => encoded(params[name] ?? 'nothing'))
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((item) => `${encoded(name)}=${encoded(item)}`),
  )
  return {
    ...{ method, url: `/api${path}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}` },
    headers: {
      authorization: `Bearer ${server.token}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { payload: JSON.stringify(body) }),
  }
}

/** An answer is what the endpoint declares: of its success, or a problem that is not the service's own. */
async function holdsTo(endpoint: Endpoint, request: InjectOptions): Promise<void> {
  const answer = await server.app.inject({ ...request, payloadAsStream: true })
  const type = String(answer.headers['content-type'] ?? '')
  const said = `${endpoint.name} ${request.url} ${request.payload} → ${answer.statusCode} ${type}`
  if (answer.statusCode < 300 && endpoint.media === 'text/event-stream') {
    answer.stream().destroy()
    expect(type, said).toMatch(/^text\/event-stream/)
    return
  }
  const body = (await answer.stream().toArray()).map(String).join('')
  expect(answer.statusCode, `${said} ${body}`).toBeLessThan(500)
  if (answer.statusCode < 300) {
    expect(answer.statusCode, said).toBe(endpoint.status ?? 200)
    if (answer.statusCode === 204) expect(body).toBe('')
    else expect(type, said).toMatch(new RegExp(`^${endpoint.media ?? 'application/json'}`))
    if (!endpoint.media && body !== '')
      expect(shapeFaults(endpoint.answer, JSON.parse(body)), `${said} ${body}`).toEqual([])
  } else if (answer.statusCode >= 400 && endpoint.media !== 'text/html') {
    expect(type, said).toMatch(/^application\/problem\+json/)
    expect(shapeFaults(problemAnswer, JSON.parse(body)), `${said} ${body}`).toEqual([])
  }
}

describe.each(all.map((endpoint) => [endpoint.name, endpoint] as const))('%s', (name, endpoint) => {
  const numRuns = heavy.includes(name) ? 2 : 8
  const check = (of: (schema: TSchema) => fc.Arbitrary<unknown>) =>
    fc.assert(
      fc.asyncProperty(requests(endpoint, of), (drawn) => holdsTo(endpoint, injected(endpoint, drawn))),
      { numRuns, endOnFailure: true },
    )

  test('answers what fits its schemas as it declares', () => check(fitting))
  test('refuses what does not in words', () => check(unfitting))
})

describe('bad input', () => {
  const post = (payload: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    server.ask('POST', '/api/clients/first/runs', { payload, headers })
  const code = async (asking: ReturnType<typeof post>) => {
    const { status, body } = await asking
    return `${status} ${body?.code}`
  }

  test.each([
    ['{', '400 BODY_MALFORMED'],
    ['', '400 BODY_MALFORMED'],
    ['null', '422 REQUEST_INVALID'],
    ['[]', '422 REQUEST_INVALID'],
    ['{"flow":"two","surprise":1}', '422 REQUEST_INVALID'],
    ['{"flow":"two","__proto__":{"admin":true}}', '400 BODY_MALFORMED'],
    ['{"flow":"two","params":{"constructor":{"prototype":{}}}}', '400 BODY_MALFORMED'],
    ['{"flow":"two","params":{"constructor":1}}', '422 REQUEST_INVALID'],
    ['{"flow":"two","params":{"add":"a\\u0000b"}}', '422 REQUEST_INVALID'],
    ['{"flow":"two","params":{"add":"\\ud800"}}', '422 REQUEST_INVALID'],
    ['{"flow":"two","params":{"a\\u0000":1}}', '422 REQUEST_INVALID'],
    [`{"flow":"two","params":{"add":${'['.repeat(5000)}${']'.repeat(5000)}}}`, '422 REQUEST_INVALID'],
    [JSON.stringify({ flow: 'two', params: { add: 'x'.repeat(1_100_000) } }), '413 BODY_TOO_LARGE'],
    ['{"flow":"../first/two"}', '422 REQUEST_INVALID'],
  ])('%j is refused as %s', async (payload, expected) => {
    expect(await code(post(payload))).toBe(expected)
  })

  test('of another media type is refused', async () => {
    expect(await code(post('flow=two', { 'content-type': 'application/x-www-form-urlencoded' }))).toBe('415 MEDIA_TYPE')
    expect(await code(post('two', { 'content-type': 'text/plain' }))).toBe('422 REQUEST_INVALID')
  })

  test.each([
    ...[
      '/api/clients/..',
      '/api/clients/%2e%2e',
      '/api/clients/first%2f..',
      '/api/clients/first/runs/..%2f..%2fclient.yaml',
    ],
    ...['/api/clients/first/runs/%00', '/api/clients/%ff', '/api/clients/%', `/api/clients/${'x'.repeat(3000)}`],
    ...['/api/clients/first/datasets/..%2f..%2fdata/rows', '/api/clients/first/models/..%2f1/versions', '/api/nothing'],
    ...[
      '/api/clients/first/flows/..%2f..%2fsecond%2fflows%2ftwo',
      '/api/clients/First',
      '/api/clients/first/runs?limit=1&limit=2',
    ],
  ])('the address %s leads nowhere', async (url) => {
    const { status, headers, body } = await server.ask('GET', url)
    expect([404, 414, 422], JSON.stringify(body)).toContain(status)
    expect(headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(shapeFaults(problemAnswer, body)).toEqual([])
  })

  test('changes no prototype', () => {
    expect(Object.keys(Object.prototype)).toEqual([])
    expect(readFileSync(join(server.folder, 'first', 'client.yaml'), 'utf8')).toContain('client: first')
  })
})
