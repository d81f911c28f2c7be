import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../../fixtures/app.ts'

// Whom the pages let see which clients: what the form does not say must never mean all of them.

let server: TestApp
let session: { cookie: string; forgery: string }
beforeAll(async () => {
  server = await testApp(['first', 'second'])
  session = await signIn()
})
afterAll(() => server.end())

const own = { host: 'polku.test', origin: 'http://polku.test', 'sec-fetch-site': 'same-origin' }

const send = (url: string, fields: Record<string, string>, cookie?: string) =>
  server.app.inject({
    method: 'POST',
    url,
    headers: { ...own, 'content-type': 'application/x-www-form-urlencoded', ...(cookie && { cookie }) },
    payload: new URLSearchParams(fields).toString(),
  })

const look = (url: string) => server.app.inject({ url, headers: { ...own, cookie: session.cookie } })

async function signIn() {
  const answer = await send('/sign-in', { token: server.token, to: '/' })
  const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? ''
  const page = await server.app.inject({ url: '/', headers: { ...own, cookie } })
  return { cookie, forgery: /name="forgery" value="([^"]+)"/.exec(page.body)?.[1] ?? '' }
}

const submit = (url: string, fields: Record<string, string>) =>
  send(url, { forgery: session.forgery, role: 'analyst', ...fields }, session.cookie)

const personOf = async (path: string) => {
  const { body } = await server.ask('GET', '/api/people?limit=200')
  return body.items.find(({ id }: { id: string }) => `/people/${id}` === path)
}

/** What a browser would send of the person's form as it stands there. */
async function asItStands(path: string): Promise<Record<string, string>> {
  const { body } = await look(path)
  const input = (name: string) => new RegExp(`<input [^>]*name="${name}"[^>]* value="([^"]*)"`).exec(body)?.[1] ?? ''
  const choice = (name: string) => {
    const options = new RegExp(`<select [^>]*name="${name}"[^]*?</select>`).exec(body)?.[0] ?? ''
    return (/value="([^"]*)" selected/.exec(options) ?? /value="([^"]*)"/.exec(options))?.[1] ?? ''
  }
  const [name, email, clients] = ['name', 'email', 'clients'].map(input) as [string, string, string] // as many as asked
  return { name, email, clients, role: choice('role'), reach: choice('reach') }
}

/** The row of the list of people. */
const rowOf = async (path: string) =>
  new RegExp(`<tr>\\s*<td[^>]*><a href="${path}">[^]*?</tr>`).exec((await look('/people')).body)?.[0] ?? ''

describe('the clients of a person', () => {
  test.each([
    [[], 'none'],
    [null, 'all'],
    [['first'], 'first'],
    [['first', 'second'], 'first, second'],
  ] as const)('stay %j when the form is sent as it stands, and are said in words', async (clients, words) => {
    const { id } = await server.person('analyst', clients)
    const path = `/people/${id}`
    expect(await rowOf(path)).toContain(`<td class="long">${words}</td>`)
    const fields = await asItStands(path)
    const answer = await submit(path, { ...fields, role: 'operator' })
    expect([answer.statusCode, answer.headers.location]).toEqual([303, path])
    expect(await personOf(path)).toMatchObject({ role: 'operator', clients })
  })

  test('are none where nothing is filled in and chosen', async () => {
    const forms: Record<string, string>[] = [
      {},
      { clients: '' },
      { clients: ' , ' },
      { reach: 'these' },
      { reach: 'nonsense' },
    ]
    for (const fields of forms) {
      const { headers } = await submit('/people', { name: 'Aino', ...fields })
      expect(await personOf(String(headers.location))).toMatchObject({ clients: [] })
    }
    expect(await asItStands('/people')).toMatchObject({ reach: 'these', clients: '' })
  })

  test('are all only where that is chosen, and not where some are named as well', async () => {
    const { headers } = await submit('/people', { name: 'Eero', reach: 'all', clients: '' })
    const path = String(headers.location)
    expect(await personOf(path)).toMatchObject({ clients: null })
    const both = await submit(path, { name: 'Eero', reach: 'all', clients: 'first' })
    expect(both.statusCode).toBe(422)
    expect(both.body).toContain('role="alert"')
    expect(both.body).toContain('value="first"')
    await submit(path, { name: 'Eero', reach: 'these', clients: 'first' })
    expect(await personOf(path)).toMatchObject({ clients: ['first'] })
  })
})
