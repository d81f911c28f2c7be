import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto'

// Jupyter's wire protocol 5.4, for both sides of it: what travels over the sockets, signed.
// https://jupyter-client.readthedocs.io/en/stable/messaging.html

/** The contents of a connection file. */
export interface Connection {
  readonly transport: 'tcp' | 'ipc'
  readonly ip: string
  readonly shell_port: number
  readonly iopub_port: number
  readonly stdin_port: number
  readonly control_port: number
  readonly hb_port: number
  readonly key: string
  readonly signature_scheme: string
}

export interface Header {
  readonly msg_id: string
  readonly session: string
  readonly username: string
  readonly date: string
  readonly msg_type: string
  readonly version: string
}

export type Content = Readonly<Record<string, unknown>>

export interface Message {
  /** Whom a router answers; empty on other sockets. */
  readonly identities: readonly Buffer[]
  readonly header: Header
  readonly parent: Header | Record<string, never>
  readonly metadata: Content
  readonly content: Content
  readonly buffers: readonly Buffer[]
}

const delimiter = Buffer.from('<IDS|MSG>')

/** A header for a message that is sent now. `date` is ISO 8601. */
export const newHeader = (type: string, session: string, date: string): Header => ({
  msg_id: randomUUID(),
  session,
  username: 'polku',
  date,
  msg_type: type,
  version: '5.4',
})

const signature = (key: string, frames: readonly Buffer[]): string => {
  if (key === '') return ''
  const hmac = createHmac('sha256', key)
  for (const part of frames) hmac.update(part)
  return hmac.digest('hex')
}

/** The frames of a message, signed with the connection's key. */
export function encode(message: Message, key: string): Buffer[] {
  const { header, parent, metadata, content } = message
  const frames = [header, parent, metadata, content].map((part) => Buffer.from(JSON.stringify(part)))
  return [...message.identities, delimiter, Buffer.from(signature(key, frames)), ...frames, ...message.buffers]
}

/** The message in frames, or undefined where they are none, or not signed with the key. */
export function decode(frames: readonly Buffer[], key: string): Message | undefined {
  const at = frames.findIndex((frame) => frame.equals(delimiter))
  const [sent, ...rest] = at < 0 ? [] : frames.slice(at + 1)
  const signed = rest.slice(0, 4)
  if (!sent || signed.length < 4) return undefined
  const right = Buffer.from(signature(key, signed))
  if (sent.length !== right.length || !timingSafeEqual(sent, right)) return undefined
  try {
    const [header, parent, metadata, content] = signed.map((part) => JSON.parse(part.toString()))
    return { identities: frames.slice(0, at), header, parent, metadata, content, buffers: rest.slice(4) }
  } catch {
    // Signed, and yet no JSON: as good as unsigned.
    return undefined
  }
}

/** Where a channel of a connection is. */
export const address = ({ transport, ip }: Connection, port: number): string =>
  transport === 'ipc' ? `ipc://${ip}-${port}` : `tcp://${ip}:${port}`
