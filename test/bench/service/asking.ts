import type { Served } from './served.ts'

/** What was heard of a run, and when it reached who listens: milliseconds of performance.now(). */
interface HeardEvent {
  readonly event: string
  readonly at: number
}

/** A person's program that starts runs over HTTP and hears of them by server-sent events. */
export class Asking {
  readonly #served: Served
  readonly #token: string
  readonly #heard = new Map<string, HeardEvent[]>()
  readonly #waiting = new Map<string, () => void>()
  readonly #ended = new AbortController()

  constructor(served: Served, token: string) {
    this.#served = served
    this.#token = token
  }

  /** Begins to hear what happens. */
  async listen(): Promise<void> {
    const answer = await fetch(this.#url('/events'), { headers: this.#headers, signal: this.#ended.signal })
    if (!answer.ok || !answer.body) throw new Error(`Events: ${answer.status} ${await answer.text()}`)
    void this.#read(answer.body).catch((error: unknown) => {
      if (!this.#ended.signal.aborted) throw error
    })
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder()
    let rest = ''
    const reader = body.getReader()
    for (;;) {
      const { value, done } = await reader.read()
      if (done) throw new Error('The stream of events ended.')
      const at = performance.now()
      const messages = (rest + decoder.decode(value, { stream: true })).split('\n\n')
      rest = messages.pop() ?? ''
      for (const part of messages) {
        const data = /^data: (.*)$/m.exec(part)?.[1]
        if (data) this.#take(JSON.parse(data), at)
      }
    }
  }

  #take({ run, event }: { run: string; event: string }, at: number): void {
    const heard = this.#heard.get(run) ?? []
    heard.push({ event, at })
    this.#heard.set(run, heard)
    if (/^run (done|failed|stopped|cancelled)$/.test(event)) this.#waiting.get(run)?.()
  }

  get #headers() {
    return { authorization: `Bearer ${this.#token}` }
  }

  #url(path: string): string {
    return `${this.#served.address}/api${path}`
  }

  /** The text of an answer. Throws where it is none of success. */
  async read(path: string): Promise<string> {
    const answer = await fetch(this.#url(path), { headers: this.#headers })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
    return text
  }

  /** Asks for a run of a flow and waits for its end. Throws where it does not end well. Times are milliseconds since the request. */
  async run(flow: string, params: object): Promise<{ done: number; firstStep: number }> {
    const begun = performance.now()
    const answer = await fetch(this.#url('/clients/light/runs'), {
      method: 'POST',
      headers: { ...this.#headers, 'content-type': 'application/json' },
      body: JSON.stringify({ flow, params, asOf: '2026-01-01' }),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`A run of ${flow} was refused: ${text}`)
    const { id } = JSON.parse(text) as { id: string } // by the API's schema
    const isOver = () =>
      this.#heard.get(id)?.some(({ event }) => event.startsWith('run ') && !/requested|started/.test(event))
    if (!isOver()) await new Promise<void>((resolve) => this.#waiting.set(id, resolve))
    const heard = this.#heard.get(id) ?? []
    this.#heard.delete(id)
    this.#waiting.delete(id)
    const timeOf = (name: string): number => {
      const match = heard.find(({ event }) => event === name)
      if (!match) throw new Error(`${id} of ${flow}: ${heard.map(({ event }) => event).join(', ')}`)
      return match.at - begun
    }
    return { done: timeOf('run done'), firstStep: timeOf('step started') }
  }

  end(): void {
    this.#ended.abort()
  }
}
