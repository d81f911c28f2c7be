import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../../fixtures/app.ts'

// The pages as a browser or somebody who pretends to be one asks for them.

let server: TestApp
const pages: string[] = []
const forms: string[] = []

beforeAll(async () => {
  server = await testApp(['first', 'second'], {
    prepare: (app) =>
      app.addHook('onRoute', ({ method, url }) => {
        if (url.startsWith('/api') || url.startsWith('/console') || ['/sign-in', '/*'].includes(url)) return
        if (method === 'GET') pages.push(url)
        if (method === 'POST') forms.push(url)
      }),
  })
  await server.app.ready()
})
afterAll(() => server.end())

const ids: Record<string, string> = { client: 'first', flow: 'two', person: '00000000-0000-4000-8000-000000000000' }
const address = (url: string): string => url.replaceAll(/:(\w+)/g, (_, name: string) => ids[name] ?? '1')

const own = { host: 'polku.test', origin: 'http://polku.test', 'sec-fetch-site': 'same-origin' }

/** Sends a form as a browser does. */
const send = (url: string, fields: Record<string, string>, headers: InjectOptions['headers'] = {}) =>
  server.app.inject({
    method: 'POST',
    url,
    headers: { ...own, 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: new URLSearchParams(fields).toString(),
  })

/** Signs in, and gives the cookie and what forms bring. */
async function signIn(token = server.token): Promise<{ cookie: string; forgery: string }> {
  const answer = await send('/sign-in', { token, to: '/' })
  const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? ''
  const page = await server.app.inject({ url: '/', headers: { ...own, cookie } })
  const forgery = /name="forgery" value="([^"]+)"/.exec(page.body)?.[1] ?? ''
  expect(forgery).not.toBe('')
  return { cookie, forgery }
}

describe('who is not signed in', () => {
  test('is led to sign in from every page, and does nothing by any form', async () => {
    expect(pages.length).toBeGreaterThan(10)
    for (const url of pages) {
      const answer = await server.app.inject({ url: address(url), headers: own })
      expect(answer.statusCode, url).toBe(303)
      expect(answer.headers.location).toBe(`/sign-in?to=${encodeURIComponent(address(url))}`)
    }
    expect(forms.length).toBeGreaterThan(10)
    for (const url of forms) {
      const answer = await send(address(url), { forgery: 'guessed' })
      expect([answer.statusCode, answer.headers.location], url).toEqual([303, '/sign-in'])
    }
  })

  test.each([
    '//evil.example/',
    '/\\evil.example',
    'https://evil.example/',
    'javascript:alert(1)',
    '/\t/evil.example',
    '/.//evil.example',
    '/..//evil.example/x',
    '/x/../\\\\evil.example',
    '/%2e//evil.example',
    '/.///',
  ])('is never led elsewhere by signing in: %j', async (to) => {
    const answer = await send('/sign-in', { token: server.token, to })
    expect(answer.statusCode).toBe(303)
    const target = new URL(String(answer.headers.location), 'http://polku.test')
    expect(target.host).toBe('polku.test')
    const page = await server.app.inject({ url: `/sign-in?to=${encodeURIComponent(to)}`, headers: own })
    const onward = /name="to" value="([^"]*)"/.exec(page.body)?.[1] ?? '//nowhere'
    expect(new URL(onward, 'http://polku.test').host).toBe('polku.test')
  })

  test('comes in with a link from elsewhere by a page of the service, which brings the cookie', async () => {
    const from = { ...own, 'sec-fetch-site': 'cross-site' }
    const answer = await server.app.inject({ url: '/sign-in?to=%2Fclients%2Ffirst', headers: from })
    expect(answer.body).toContain('<meta http-equiv="refresh" content="0; url=/clients/first">')
  })

  test('cannot be signed in by a form of another site', async () => {
    const answer = await send('/sign-in', { token: server.token }, { origin: 'http://evil.test' })
    expect(answer.statusCode).toBe(403)
    expect(answer.headers['set-cookie']).toBeUndefined()
  })
})

describe('a form', () => {
  test('changes nothing without the token of its page, or from another site', async () => {
    const { cookie, forgery } = await signIn()
    const pauses = () => server.service.schedules.pauses('first')
    for (const [fields, headers] of [
      [{}, {}],
      [{ forgery: 'guessed' }, {}],
      [{ forgery }, { origin: 'http://evil.test', 'sec-fetch-site': 'cross-site' }],
      [{ forgery }, { origin: 'null' }],
    ] as const) {
      const answer = await send('/clients/first/pause', { ...fields }, { cookie, ...headers })
      expect(answer.statusCode).toBe(403)
      expect(answer.headers['content-type']).toContain('text/html')
      expect(await pauses()).toEqual([])
    }
    expect((await send('/clients/first/pause', { forgery }, { cookie })).headers.location).toBe('/clients/first')
    expect(await pauses()).toHaveLength(1)
    await send('/clients/first/resume', { forgery }, { cookie })
    expect(await pauses()).toEqual([])
  })

  test('sent twice starts one run, and changed another; what is wrong is said beside what was filled in', async () => {
    const { cookie, forgery } = await signIn()
    const start = (fields: Record<string, string>) =>
      send('/clients/first/flows/two/run', { forgery, key: 'k1', ...fields }, { cookie })
    const first = await start({ 'param.add': '2' })
    const again = await start({ 'param.add': '2' })
    const changed = await start({ 'param.add': '3' })
    expect(first.statusCode).toBe(303)
    expect(again.headers.location).toBe(first.headers.location)
    expect(changed.headers.location).not.toBe(first.headers.location)
    const wrong = await start({ 'param.add': 'many"><script>' })
    expect(wrong.statusCode).toBe(422)
    expect(wrong.body).toContain('role="alert"')
    expect(wrong.body).toContain('value="many&quot;&gt;&lt;script&gt;"')
  })

  test('that is too large is refused', async () => {
    const { cookie, forgery } = await signIn()
    const answer = await send('/people', { forgery, name: 'x'.repeat(300_000) }, { cookie })
    expect(answer.statusCode).toBe(413)
    expect(answer.headers['content-type']).toContain('text/html')
  })
})

describe('a page', () => {
  test('says what may be done by who may do it only', async () => {
    const look = async (role: 'analyst' | 'operator' | 'reviewer', path: string) => {
      const { cookie } = await signIn((await server.person(role, ['first'])).token)
      return server.app.inject({ url: path, headers: { ...own, cookie } })
    }
    expect((await look('reviewer', '/clients/first/flows/two')).body).not.toContain('Start a run')
    expect((await look('analyst', '/clients/first/flows/two')).body).toContain('Start a run')
    expect((await look('analyst', '/clients/first')).body).not.toContain('Pause this client')
    expect((await look('operator', '/clients/first')).body).toContain('Pause this client')
    expect((await look('operator', '/people')).statusCode).toBe(403)
    expect((await look('analyst', '/clients/first/secrets')).statusCode).toBe(403)
    const [other, none] = [await look('operator', '/clients/second'), await look('operator', '/clients/nowhere')]
    expect([other.statusCode, none.statusCode]).toEqual([404, 404])
    expect(other.body.replaceAll('second', 'x')).toBe(none.body.replaceAll('nowhere', 'x'))
    expect((await look('analyst', '/')).body).not.toContain('second')
  })

  test('allows nothing but the console’s own files, and is kept by nobody', async () => {
    const { cookie } = await signIn()
    const { headers } = await server.app.inject({ url: '/', headers: { ...own, cookie } })
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).not.toMatch(/unsafe|\*|https?:/)
    expect(headers['cache-control']).toBe('no-store')
    for (const name of ['style.css', 'script.js', 'icon.svg']) {
      const file = await server.app.inject({ url: `/console/${name}` })
      expect([file.statusCode, file.headers['x-content-type-options']]).toEqual([200, 'nosniff'])
      expect(file.body.length).toBeGreaterThan(50)
    }
  })

  test.each([
    '/clients/..%2f..%2fetc',
    '/clients/first/runs/%00',
    '/clients/first/models/x/versions/NaN',
    '/people/1',
    '/nowhere',
  ])('that is not there is told of in plain words: %s', async (url) => {
    const { cookie } = await signIn()
    const answer = await server.app.inject({ url, headers: { ...own, cookie } })
    expect([404, 422]).toContain(answer.statusCode)
    expect(answer.headers['content-type']).toContain('text/html')
    expect(answer.body).toContain('role="alert"')
  })

  test('of the API that is not there is told of as the API does', async () => {
    const answer = await server.app.inject({ url: '/api/nowhere', headers: own })
    expect(answer.statusCode).toBe(404)
    expect(answer.headers['content-type']).toContain('application/problem+json')
  })
})
