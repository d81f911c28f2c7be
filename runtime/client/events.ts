import type { PolkuEvent } from '../server/routes/events/stream.ts'

export type { PolkuEvent }

/** Before it asks again where the service does not say how long to wait, in ms. */
const usualWait = 2000
const longestWait = 30_000

/**
 * Events as they happen, from one connection after another, each resuming after the last event that was read. `connect`
 * throws where the service refuses. Ends with the signal.
 */
export async function* readEvents(
  connect: (last: string | undefined) => Promise<Response>,
  signal: AbortSignal | undefined,
): AsyncGenerator<PolkuEvent, void> {
  let last: string | undefined
  let wait = usualWait
  while (!signal?.aborted) {
    try {
      const response = await connect(last)
      for await (const { data, retry } of messages(response)) {
        wait = retry ?? wait
        if (data === undefined) continue
        const event = JSON.parse(data) as PolkuEvent // the service declares it so
        last = event.id
        yield event
      }
      wait = usualWait
    } catch (error) {
      if (signal?.aborted) return
      // A connection that is lost is a TypeError of fetch; what the service refuses is for the caller.
      if (!(error instanceof TypeError)) throw error
      wait = Math.min(wait * 2, longestWait)
    }
    await pause(wait, signal)
  }
}

interface Message {
  readonly data?: string
  /** Milliseconds. */
  readonly retry?: number
}

async function* messages({ body }: Response): AsyncGenerator<Message> {
  const reader = body?.getReader()
  if (!reader) return
  const decoder = new TextDecoder()
  let text = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      const blocks = (text + decoder.decode(value, { stream: true })).split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) yield messageOf(block)
    }
  } finally {
    // Who breaks off wants no more of it; of a connection that is lost there is nothing to cancel.
    await reader.cancel().catch(() => undefined)
  }
}

function messageOf(block: string): Message {
  const fieldOf = (name: string) => {
    const lines = block.split('\n').filter((line) => line.startsWith(`${name}: `))
    return lines.length > 0 ? lines.map((line) => line.slice(name.length + 2)).join('\n') : undefined
  }
  const retry = fieldOf('retry')
  return { data: fieldOf('data'), retry: retry === undefined ? undefined : Number(retry) }
}

const pause = (milliseconds: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const end = () => {
      clearTimeout(later)
      signal?.removeEventListener('abort', end)
      resolve()
    }
    const later = setTimeout(end, milliseconds)
    signal?.addEventListener('abort', end)
  })
