import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readOpenId } from '../../../../runtime/server/access/openid/configuration.ts'
import { type TestApp, testApp } from '../../../fixtures/app.ts'
import { openIdProvider } from '../../../fixtures/openid-provider.ts'

const url = 'https://polku.example'
let clock = Date.now()
let provider: Awaited<ReturnType<typeof openIdProvider>>
let server: TestApp
beforeAll(async () => {
  provider = await openIdProvider('polku')
  const openid = {
    ...{ issuer: provider.issuer, clientId: 'polku', clientSecret: 'not told', scope: 'openid email profile' },
    trustUnverifiedEmail: false,
    claim: 'groups',
    rules: [
      { value: 'admins', role: 'administrator' as const },
      { value: 'first-team', role: 'operator' as const, clients: ['first'] },
    ],
  }
  server = await testApp(['first', 'second'], { url, openid, now: () => clock })
})
afterAll(async () => {
  await server.end()
  await provider.end()
})

const cookies = (headers: Readonly<Record<string, unknown>>): string[] =>
  [headers['set-cookie'] ?? []].flat().map(String)

async function begin() {
  const { status, headers } = await server.ask('GET', '/api/sign-in/openid', { token: '' })
  expect(status).toBe(302)
  const [cookie = ''] = cookies(headers)
  return { address: String(headers.location), cookie: cookie.split(';')[0] ?? '', whole: cookie }
}

const back = (address: string, cookie: string) =>
  server.ask('GET', address.slice(url.length), { token: '', headers: { cookie, 'sec-fetch-site': 'cross-site' } })

async function signIn(claims: Readonly<Record<string, unknown>>) {
  const { address, cookie } = await begin()
  return back(provider.signIn(address, claims), cookie)
}

async function session(answer: { headers: Readonly<Record<string, unknown>> }) {
  const cookie = cookies(answer.headers).find((one) => one.startsWith('__Host-polku_session=')) ?? ''
  return (await server.ask('GET', '/api/session', { token: '', headers: { cookie: cookie.split(';')[0] } })).body
}

describe('signing in at a provider', () => {
  test('is begun with state, nonce and a challenge, kept in a cookie that tells nothing', async () => {
    expect((await server.ask('GET', '/api/sign-in', { token: '' })).body).toEqual({ openid: true })
    const { address, whole } = await begin()
    const query = new URL(address).searchParams
    expect(query.get('code_challenge_method')).toBe('S256')
    expect(query.get('redirect_uri')).toBe(`${url}/api/sign-in/openid/return`)
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(query.get(name)?.length, name).toBeGreaterThan(20)
      expect(whole).not.toContain(String(query.get(name)))
    }
    expect(whole).toMatch(/Max-Age=600; Path=\/api\/sign-in; HttpOnly; Secure; SameSite=Lax$/)
  })

  test('lets in who has the verified e-mail address of a person, from then on by the account', async () => {
    const body = { name: 'Maija', email: 'Maija@example.invalid', role: 'reviewer', clients: ['second'] }
    const person = await server.ask('POST', '/api/people', { body })
    const claims = { sub: 'm-1', email: 'maija@example.invalid', email_verified: true, groups: ['admins'] }
    const answer = await signIn(claims)
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toContain('text/html')
    expect(await session(answer)).toMatchObject({ name: 'Maija', role: 'reviewer', clients: ['second'] })
    expect(await session(await signIn({ sub: 'm-1' }))).toMatchObject({ name: 'Maija', role: 'reviewer' })
    // Somebody else who got the address later is somebody else.
    expect((await signIn({ ...claims, sub: 'm-2' })).body.code).toBe('SIGN_IN_REFUSED')
    await server.ask('PATCH', `/api/people/${person.body.id}`, { body: { disabled: true } })
    expect((await signIn(claims)).body.code).toBe('SIGN_IN_REFUSED')
    const { items } = (await server.ask('GET', '/api/audit?action=sign%20in')).body
    expect(items[0]).toMatchObject({ personName: 'Maija', target: { openid: `${provider.issuer} m-1` } })
  })

  test('lets nobody in by an address that is not verified or not known', async () => {
    const body = { name: 'Aino', email: 'aino@example.invalid', role: 'administrator', clients: null }
    await server.ask('POST', '/api/people', { body })
    for (const claims of [
      { sub: 'a', email: 'aino@example.invalid' },
      { sub: 'a', email: 'aino@example.invalid', email_verified: false },
      { sub: 'a', email: 'aino@example.invalid', email_verified: 'true' },
      { sub: 'a', email: 'nobody@example.invalid', email_verified: true },
      { sub: 'a' },
    ])
      expect((await signIn(claims)).body, JSON.stringify(claims)).toMatchObject({ code: 'SIGN_IN_REFUSED' })
  })

  test('lets in by a rule, with what the rule gives at each time', async () => {
    const claims = { sub: 'r', name: 'Risto\nRivi', groups: ['others', 'first-team'] }
    expect(await session(await signIn(claims))).toMatchObject({
      name: 'Risto Rivi',
      role: 'operator',
      clients: ['first'],
    })
    expect(await session(await signIn({ ...claims, groups: 'admins' }))).toMatchObject({
      role: 'administrator',
      clients: null,
    })
    expect((await signIn({ ...claims, groups: [] })).body.code).toBe('SIGN_IN_REFUSED')
  })

  test('ends only in the browser in which it was begun, once, and in time', async () => {
    const one = await begin()
    const other = await begin()
    const claims = { sub: 'r', groups: ['first-team'] }
    const answers = [
      await back(provider.signIn(one.address, claims), ''),
      await back(provider.signIn(one.address, claims), other.cookie),
      await back(provider.signIn(one.address, claims), one.cookie.replace(/.{9}$/, 'AAAAAAAAA')),
      await back(`${url}/api/sign-in/openid/return?error=access_denied&state=x`, one.cookie),
      await back(`${url}/api/sign-in/openid/return?code=guessed`, one.cookie),
    ]
    const used = provider.signIn(one.address, claims)
    expect((await back(used, one.cookie)).status).toBe(200)
    answers.push(await back(used, one.cookie))
    clock += 601_000
    answers.push(await back(provider.signIn(other.address, claims), other.cookie))
    for (const { status, body, headers } of answers) {
      expect([status, body.code]).toEqual([expect.any(Number), 'OPENID_FAILED'])
      expect(cookies(headers).join()).not.toContain('polku_session')
    }
  })

  test('believes no token that the provider did not sign, or that is for another or another time', async () => {
    const claims = { sub: 'r', groups: ['admins'] }
    provider.forge()
    expect((await signIn(claims)).body.code).toBe('OPENID_FAILED')
    provider.honest()
    for (const wrong of [{ aud: 'another' }, { iss: 'https://evil.example' }, { nonce: 'another' }, { exp: 1 }])
      expect((await signIn({ ...claims, ...wrong })).body.code, JSON.stringify(wrong)).toBe('OPENID_FAILED')
  })
})

test('its configuration is checked, and the service must know its own address', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'polku-openid-'))
  const file = join(folder, 'openid.yaml')
  const read = (text: string) => {
    writeFileSync(file, text)
    return readOpenId(file, 'secret')
  }
  try {
    expect(read('issuer: https://login.example\nclientId: polku\n')).toMatchObject({
      scope: 'openid email profile',
      rules: [],
    })
    for (const text of [
      'issuer: [',
      'issuer: https://x',
      'issuer: http://login.example\nclientId: a',
      'issuer: https://x\nclientId: a\nrules: [{ value: a, role: chief }]',
    ])
      expect(() => read(text), text).toThrow(expect.objectContaining({ code: 'OPENID_INVALID' }))
    const { createApp } = await import('../../../../runtime/server/http/app.ts')
    const openid = read('issuer: https://login.example\nclientId: polku\n')
    expect(() => createApp({ service: server.service, now: () => clock, logger: false, openid })).toThrow(
      expect.objectContaining({ code: 'OPENID_INVALID' }),
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
