import { PolkuError } from '../../errors/errors.ts'
import type { MailSettings } from './mail.ts'
import type { WebhookSettings } from './webhook.ts'

/** Who is alerted of every client's incidents, and how. */
export interface AlertSettings extends WebhookSettings {
  readonly webhook: string | undefined
  readonly email: readonly string[]
  /** Without it no mail is sent. */
  readonly mail: MailSettings | undefined
  /** Where people reach the service, for links; without it there are none. */
  readonly url: string | undefined
}

/** The settings of POLKU_ALERT_*, POLKU_SMTP_URL and POLKU_URL. Throws ALERT_SETTING, which never tells a value. */
export function alertSettings(environment: NodeJS.ProcessEnv): AlertSettings {
  const webhook = address(environment, 'POLKU_ALERT_WEBHOOK', /^https?:$/, 'https://HOST/PATH')
  const server = address(environment, 'POLKU_SMTP_URL', /^smtps?:$/, 'smtp://USER:PASSWORD@HOST:587')
  const email = (environment.POLKU_ALERT_EMAIL ?? '').split(',').map((one) => one.trim())
  const url = address(environment, 'POLKU_URL', /^https?:$/, 'https://polku.example')
  return {
    webhook,
    email: email.filter((one) => one !== ''),
    mail: server === undefined ? undefined : { server, from: environment.POLKU_ALERT_FROM ?? 'polku@localhost' },
    url: url?.replace(/\/+$/, ''),
    key: environment.POLKU_ALERT_SECRET || undefined,
    allowPrivate: environment.POLKU_ALERT_PRIVATE === '1',
  }
}

function address(environment: NodeJS.ProcessEnv, name: string, protocol: RegExp, right: string): string | undefined {
  const text = environment[name]
  if (!text) return undefined
  if (!URL.canParse(text) || !protocol.test(new URL(text).protocol))
    throw new PolkuError('ALERT_SETTING', { name, right })
  return text
}
