// Slow: runs again on PostgreSQL.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../../../fixtures/app.ts'
import { databases, type TestDatabase } from '../../../fixtures/databases.ts'

describe.each(databases)('on $name', ({ open }) => {
  let database: TestDatabase
  let clock = Date.parse('2026-03-02T08:00:00Z')
  let server: TestApp
  beforeAll(async () => {
    database = await open()
    server = await testApp(['first'], { ...(await database.options()), now: () => clock })
  })
  afterAll(async () => {
    await server.end()
    await database.end()
  })

  const minute = 60_000
  const own = { origin: 'http://localhost', host: 'localhost', 'sec-fetch-site': 'same-origin' }

  /** What a browser keeps of an answer. */
  const cookieOf = (headers: Readonly<Record<string, unknown>>): string =>
    String(headers['set-cookie'] ?? '').split(';')[0] ?? ''

  interface RequestParts {
    readonly body?: object
    readonly headers?: Readonly<Record<string, string | undefined>>
  }

  async function browser(token: string) {
    const { status, body, headers } = await server.ask('POST', '/api/session', {
      token: '',
      body: { token },
      headers: own,
    })
    expect(status).toBe(201)
    let cookie = cookieOf(headers)
    const first = cookie
    const ask = async (method: string, url: string, { body: sent, headers: more }: RequestParts = {}) => {
      const headers = { ...own, cookie, 'x-polku-forgery-token': body.forgeryToken, ...more }
      const sentHeaders = Object.entries(headers).filter(([, value]) => value !== undefined)
      const answer = await server.ask(method, url, { token: '', body: sent, headers: Object.fromEntries(sentHeaders) })
      cookie = cookieOf(answer.headers) || cookie
      return answer
    }
    return { ask, first, forgeryToken: body.forgeryToken as string, cookie: () => cookie, headers } // the answer's schema says so
  }

  describe('a browser', () => {
    test('signs in with a token, and its cookie is for no script and no other site', async () => {
      const { token } = await server.person('operator', ['first'])
      const { ask, headers } = await browser(token)
      expect(String(headers['set-cookie'])).toMatch(
        /^polku_session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
      )
      expect((await ask('GET', '/api/session')).body).toMatchObject({ role: 'operator', clients: ['first'] })
      const rows = await server.service.database.query('select hash, previous_hash from polku.session')
      expect(JSON.stringify(rows)).not.toContain(String(headers['set-cookie']).slice(14, 40))
    })

    test('whose service is reached by https keeps a cookie that only https and this host see', async () => {
      const secure = { ...own, origin: 'https://localhost', 'x-forwarded-proto': 'https' }
      const { createApp } = await import('../../../../runtime/server/http/app.ts')
      const app = createApp({ service: server.service, now: () => clock, logger: false, url: 'https://polku.example' })
      const headers = { ...secure, origin: 'https://polku.example' }
      const payload = { token: server.token }
      const answer = await app.inject({ method: 'POST', url: '/api/session', headers, payload })
      expect(answer.headers['set-cookie']).toMatch(/^__Host-polku_session=.*; Secure; SameSite=Strict$/)
      const wrong = await app.inject({ method: 'POST', url: '/api/session', headers: own, payload })
      expect(wrong.statusCode).toBe(403)
      await app.close()
    })

    test('changes things only from a page of the service that knows the token against forged requests', async () => {
      const { ask } = await browser(server.token)
      const body = { name: 'Uusi', role: 'analyst', clients: null }
      const create = (headers: RequestParts['headers']) => ask('POST', '/api/people', { body, headers })
      expect((await create({})).status).toBe(201)
      for (const headers of [
        { 'x-polku-forgery-token': '' },
        { 'x-polku-forgery-token': 'guessed' },
        { origin: 'https://evil.example' },
        { origin: 'null' },
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { origin: undefined, 'sec-fetch-site': undefined },
      ])
        expect(await create(headers), JSON.stringify(headers)).toMatchObject({
          status: 403,
          body: { code: 'FORGED_REQUEST' },
        })
      const other = await browser((await server.person('administrator')).token)
      expect((await create({ 'x-polku-forgery-token': other.forgeryToken })).status).toBe(403)
    })

    test('is signed in by no other site’s page', async () => {
      for (const headers of [{ ...own, origin: 'https://evil.example' }, { host: 'localhost' }]) {
        const answer = await server.ask('POST', '/api/session', { token: '', body: { token: server.token }, headers })
        expect(answer.body.code).toBe('FORGED_REQUEST')
        expect(answer.headers['set-cookie']).toBeUndefined()
      }
    })

    test('gets a new cookie every quarter of an hour; the old one holds a moment, and later ends the session', async () => {
      const { ask, first, cookie } = await browser(server.token)
      clock += 16 * minute
      expect((await ask('GET', '/api/session')).status).toBe(200)
      expect(cookie()).not.toBe(first)
      const withOld = () => ask('GET', '/api/session', { headers: { cookie: first } })
      expect((await withOld()).status).toBe(200)
      clock += 2 * minute
      expect((await withOld()).status).toBe(401)
      expect((await ask('GET', '/api/session')).status).toBe(401)
    })

    test('is signed out when it was idle for two hours, and after twelve in any case', async () => {
      const idle = await browser(server.token)
      const busy = await browser(server.token)
      for (let hour = 0; hour < 11; hour++) {
        clock += 60 * minute
        expect((await busy.ask('GET', '/api/session')).status, `hour ${hour}`).toBe(200)
      }
      expect((await idle.ask('GET', '/api/session')).status).toBe(401)
      clock += 61 * minute
      expect((await busy.ask('GET', '/api/session')).status).toBe(401)
    })

    test('signs out, and is signed out where its token is revoked', async () => {
      const leaving = await browser(server.token)
      const out = await leaving.ask('DELETE', '/api/session')
      expect(out.status).toBe(204)
      expect(String(out.headers['set-cookie'])).toMatch(/polku_session=;.*(Max-Age=0|1970)/)
      expect((await leaving.ask('GET', '/api/session', { headers: { cookie: leaving.first } })).status).toBe(401)
      const { id, token } = await server.person('analyst')
      const revoked = await browser(token)
      const [own] = (await server.ask('GET', `/api/people/${id}/tokens`)).body.items
      await server.ask('DELETE', `/api/people/${id}/tokens/${own.id}`)
      expect((await revoked.ask('GET', '/api/session')).status).toBe(401)
    })
  })

  describe('wrong tokens', () => {
    const wrong = (number: number) => `polku_${String(number).padStart(43, '0')}`

    test('of one address are refused after twenty, while a token that held goes on', async () => {
      const remoteAddress = '192.0.2.1'
      const { token } = await server.person('analyst')
      const ask = (secret: string) => server.ask('GET', '/api/me', { token: secret, remoteAddress })
      expect((await ask(token)).status).toBe(200)
      const statuses = []
      for (let number = 0; number < 30; number++) statuses.push((await ask(wrong(number))).status)
      expect(statuses).toEqual([...Array(20).fill(401), ...Array(10).fill(429)])
      expect((await ask(token)).status).toBe(200)
      const late = await ask(wrong(99))
      expect(late.body).toMatchObject({ code: 'TOO_MANY_REQUESTS', detail: expect.stringContaining('1 second') })
      expect((await server.ask('GET', '/api/me', { token: wrong(99), remoteAddress: '192.0.2.2' })).status).toBe(401)
      clock += 3000
      expect((await ask(wrong(100))).status).toBe(401)
    })

    test('are looked up once, and cost neither memory nor the database more the more there are', async () => {
      let queries = 0
      const { database } = server.service
      const { query } = database
      database.query = <Row>(...input: Parameters<typeof query>) => {
        if (input[0].includes('polku.token')) queries += 1
        return query.apply(database, input) as Promise<Row[]> // what it was asked for
      }
      try {
        for (let number = 0; number < 1000; number++)
          await server.ask('GET', '/api/me', { token: wrong(777), remoteAddress: '192.0.2.3' })
        expect(queries).toBe(1)
        for (let number = 0; number < 1000; number++)
          await server.ask('GET', '/api/me', { token: wrong(1000 + number), remoteAddress: '2001:db8::1:2' })
        expect(queries).toBeLessThanOrEqual(21)
      } finally {
        database.query = query
      }
    })

    test('of a network of version 6 count as one address', async () => {
      const statuses = new Set<number>()
      for (let number = 0; number < 40; number++) {
        const remoteAddress = `2001:db8:1:2::${number.toString(16)}`
        statuses.add((await server.ask('GET', '/api/me', { token: wrong(5000 + number), remoteAddress })).status)
      }
      expect([...statuses]).toEqual([401, 429])
    })
  })

  test('every answer tells browsers to keep to it, and a page to load only its own', async () => {
    const data = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    const page = /^default-src 'none'; script-src 'self'; style-src 'self';(?!.*unsafe).*frame-ancestors 'none'$/
    for (const [url, policy, referrer] of [
      ['/api/me', data, 'no-referrer'],
      ['/api/nowhere', data, 'no-referrer'],
      ['/nowhere', page, 'same-origin'],
    ] as const) {
      const { headers } = await server.ask('GET', url)
      expect(headers['content-security-policy'], url).toMatch(policy)
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': referrer,
        'cache-control': 'no-store',
      })
      expect(headers['x-powered-by'] ?? headers.server).toBeUndefined()
    }
  })
})
