import { createTransport } from 'nodemailer'

/** Thrown where an alert could not be delivered; its message names no address and nothing secret. */
export class Undelivered extends Error {}

/** How long a mail server may take for each of its answers, in ms. */
const answerWithin = 10_000

export interface MailSettings {
  /** smtp://USER:PASSWORD@HOST:PORT, or smtps://. */
  readonly server: string
  readonly from: string
}

interface Mail {
  readonly to: string
  /** The same at each attempt, so that a mail server knows a repeated one. */
  readonly id: string
  readonly subject: string
  readonly text: string
}

/** Sends plain text by the configured server. Throws Undelivered. */
export async function sendMail({ to, id, subject, text }: Mail, { server, from }: MailSettings): Promise<void> {
  const limits = { connectionTimeout: answerWithin, greetingTimeout: answerWithin, socketTimeout: answerWithin }
  const transport = createTransport({ url: server, ...limits, disableFileAccess: true, disableUrlAccess: true })
  try {
    const messageId = `<${id}@${from.split('@').at(-1)?.replace(/>$/, '')}>`
    await transport.sendMail({ from, to, subject, text, messageId, headers: { 'auto-submitted': 'auto-generated' } })
  } catch (error) {
    const { code, responseCode } = error as { code?: string; responseCode?: number } // nodemailer's errors; read as text
    throw new Undelivered(`the mail server did not take it (${[code, responseCode].filter(Boolean).join(' ')})`)
  } finally {
    transport.close()
  }
}
