import { createHmac } from 'node:crypto'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { Undelivered } from './mail.ts'
import { isOwnHost, publicLookup } from './own-network.ts'

/** How long a webhook may take to answer, in ms. */
const answerWithin = 10_000

export interface WebhookSettings {
  /** What signs; without it nothing is signed. */
  readonly key: string | undefined
  /** Whether addresses of the own network may be notified, too. */
  readonly allowPrivate: boolean
}

export interface Posted {
  readonly url: string
  /** The same at each attempt, so that a receiver knows a repeated one. */
  readonly id: string
  readonly body: string
  /** Milliseconds since 1970. */
  readonly at: number
}

/**
 * Sends JSON to a webhook. The header `polku-signature` is `t=SECONDS,v1=HEX`, the HMAC-SHA256 of `SECONDS.BODY`. A
 * redirection is not followed. Throws Undelivered.
 */
export async function postWebhook(posted: Posted, { key, allowPrivate }: WebhookSettings): Promise<void> {
  const url = URL.canParse(posted.url) ? new URL(posted.url) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) throw new Undelivered('it is no address of http or https')
  if (!allowPrivate && isOwnHost(url.hostname)) throw new Undelivered('it lies in the service’s own network')
  const seconds = Math.floor(posted.at / 1000)
  const signature = key && createHmac('sha256', key).update(`${seconds}.${posted.body}`).digest('hex')
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(posted.body),
    'user-agent': 'polku',
    'polku-delivery': posted.id,
    ...(signature && { 'polku-signature': `t=${seconds},v1=${signature}` }),
  }
  const status = await post(url, headers, posted.body, allowPrivate)
  if (status < 200 || status > 299) throw new Undelivered(`it answered ${status}`)
}

function post(
  url: URL,
  headers: Record<string, string | number>,
  body: string,
  allowPrivate: boolean,
): Promise<number> {
  const send = url.protocol === 'https:' ? requestHttps : requestHttp
  return new Promise((resolve, reject) => {
    const request = send(
      url,
      {
        method: 'POST',
        headers,
        agent: false,
        signal: AbortSignal.timeout(answerWithin),
        ...(!allowPrivate && { lookup: publicLookup }),
      },
      (answer) => {
        resolve(answer.statusCode ?? 0)
        // What else it says is of no interest, however long it is.
        answer.destroy()
      },
    )
    request.on('error', (error: NodeJS.ErrnoException) => reject(new Undelivered(reasonOf(error))))
    request.end(body)
  })
}

function reasonOf({ name, code }: NodeJS.ErrnoException): string {
  if (code === 'OWN_NETWORK') return 'it lies in the service’s own network'
  if (name === 'AbortError' || name === 'TimeoutError') return `it did not answer within ${answerWithin / 1000} s`
  return `it could not be reached (${code ?? name})`
}
