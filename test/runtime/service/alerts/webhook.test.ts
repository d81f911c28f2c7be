import { afterAll, beforeAll, expect, test } from 'vitest'
import { sendMail } from '../../../../runtime/service/alerts/mail.ts'
import { isOwnNetwork } from '../../../../runtime/service/alerts/own-network.ts'
import { alertSettings } from '../../../../runtime/service/alerts/settings.ts'
import { postWebhook } from '../../../../runtime/service/alerts/webhook.ts'
import { mailServer, webhookServer } from './receivers.ts'

let hook: Awaited<ReturnType<typeof webhookServer>>
beforeAll(async () => {
  hook = await webhookServer()
})
afterAll(() => hook.end())

const post = (url: string, allowPrivate = false) =>
  postWebhook({ url, id: 'one', body: '{"told":true}', at: 0 }, { key: undefined, allowPrivate }).then(
    () => 'delivered',
    (error: Error) => error.message,
  )

test.each([
  'http://127.0.0.1:PORT/',
  'http://localhost:PORT/',
  'http://[::1]:PORT/',
  'http://[::ffff:127.0.0.1]:PORT/',
  'http://2130706433:PORT/',
  'http://0x7f.1:PORT/',
  'http://0.0.0.0:PORT/',
  'http://169.254.169.254/latest/meta-data/',
  'http://10.0.0.1/',
  'http://[fd00::1]/',
])('a webhook does not reach into the own network: %s', async (url) => {
  expect(await post(url.replace('PORT', String(hook.port)))).toBe('it lies in the service’s own network')
  expect(hook.posted).toEqual([])
})

test.each(['file:///etc/passwd', 'ftp://example.test/', 'javascript:1', 'nothing', ''])(
  'a webhook is an address of http: %s',
  async (url) => {
    expect(await post(url)).toBe('it is no address of http or https')
  },
)

test('where it is allowed, the own network is reached, unsigned without a key, and redirections are not followed', async () => {
  expect(await post(hook.url, true)).toBe('delivered')
  expect(hook.posted.splice(0).map(({ body, headers }) => [body, headers['polku-signature']])).toEqual([
    [{ told: true }, undefined],
  ])
  hook.answers.push(302)
  expect(await post(hook.url, true)).toBe('it answered 302')
  expect(hook.posted).toEqual([])
  expect(await post('http://127.0.0.1:1/', true)).toMatch(/could not be reached/)
})

test('addresses of the internet are no own network', () => {
  for (const address of ['93.184.215.14', '8.8.8.8', '2606:2800:21f:cb07::1']) expect(isOwnNetwork(address)).toBe(false)
})

test('what a mail server refuses is told without its password', async () => {
  const server = await mailServer()
  const send = (url: string) =>
    sendMail({ to: 'a@b.test', id: '1', subject: 'x', text: 'y' }, { server: url, from: 'polku@palvelu.test' })
  await expect(send(server.url.replace('salasana', 'toinen'))).rejects.toThrow(
    /^the mail server did not take it \(EAUTH 535\)$/,
  )
  await send(server.url)
  expect(server.mails).toHaveLength(1)
  expect(server.mails[0]?.text).toContain('Message-ID: <1@palvelu.test>')
  await server.end()
  await expect(send(server.url)).rejects.toThrow(/ECONNECTION|ESOCKET/)
})

test('settings that cannot be used are told by name, never with their value', () => {
  expect(() => alertSettings({ POLKU_SMTP_URL: 'http://user:salasana@host' })).toThrow(
    expect.objectContaining({ code: 'ALERT_SETTING', message: 'The setting POLKU_SMTP_URL cannot be used.' }),
  )
  expect(alertSettings({})).toMatchObject({ webhook: undefined, email: [], mail: undefined, allowPrivate: false })
  expect(alertSettings({ POLKU_ALERT_EMAIL: 'a@b.test, c@d.test' }).email).toEqual(['a@b.test', 'c@d.test'])
})
