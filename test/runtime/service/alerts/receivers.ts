import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

interface Posted {
  readonly headers: IncomingHttpHeaders
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of every shape
  readonly body: any
}

/** A webhook on this machine; `answers` are the statuses of its next answers, 200 after them. */
export async function webhookServer() {
  const posted: Posted[] = []
  const answers: number[] = []
  const server = createServer(async (request, response) => {
    const text = (await request.toArray()).map(String).join('')
    const status = answers.shift() ?? 200
    if (status < 300) posted.push({ headers: request.headers, text, body: JSON.parse(text) })
    response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end('x'.repeat(100_000))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on a port
  return {
    url: `http://127.0.0.1:${port}/hook?key=confidential`,
    port,
    posted,
    answers,
    async end() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A mail server on this machine that takes mail from one user. */
export async function mailServer() {
  const mails: { to: string[]; text: string }[] = []
  const server = new SMTPServer({
    authOptional: false,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      username === 'polku' && password === 'salasana' ? done(null, { user: 'polku' }) : done(new Error('wrong')),
    onData(stream, session, done) {
      stream.toArray().then(
        (chunks) => {
          mails.push({
            to: session.envelope.rcptTo.map(({ address }) => address),
            text: Buffer.concat(chunks).toString(),
          })
          done()
        },
        (error: Error) => done(error),
      )
    },
  })
  const listener = server.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo // it listens on a port
  return {
    url: `smtp://polku:salasana@127.0.0.1:${port}`,
    mails,
    end: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
