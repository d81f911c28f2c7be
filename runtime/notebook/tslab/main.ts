import { inspect } from 'node:util'
import { type Converter, createConverter } from 'tslab/dist/converter.js'
import { createExecutor } from 'tslab/dist/executor.js'
import { JupyterHandlerImpl, ZmqServer } from 'tslab/dist/jupyter.js'
import { cellError } from './errors.ts'
import { sendEverything } from './sending.ts'

// tslab's kernel with its gaps filled: all output arrives, and a cell's input, value and error are said as Jupyter's
// protocol has them. Arguments: the connection file, and `--js` for JavaScript.

/** The parts of tslab's server that it keeps to itself, and that are mended here. */
interface OpenServer {
  readonly connInfo: { readonly key: string }
  readonly iopub: unknown
  handleExecute(socket: unknown, message: TslabMessage): Promise<void>
}

interface TslabMessage {
  readonly header: { msg_type: string }
  content: unknown
  createReply(): TslabMessage
  signAndSend(key: string, socket: unknown): void
}

/** The part of tslab's handler that runs a cell; throws where the cell failed. */
interface OpenHandler {
  handleExecuteImpl(
    request: { readonly code: string },
    writeStream: (name: string, text: string) => void,
    writeDisplayData: (data: unknown, update: boolean) => void,
  ): Promise<unknown>
}

interface ExecuteRequest {
  readonly code: string
  readonly stop_on_error?: boolean
}

const [configPath = ''] = process.argv.slice(2)
const isJS = process.argv.includes('--js')
sendEverything()

let compiled = ''
let said: unknown[][] = []
let result: unknown[] = []
const converter: Converter = createConverter({ isJS, isBrowser: false })
const { convert } = converter
converter.convert = (before, source) => {
  const converted = convert(before, source)
  // As tslab's executor wraps it: its first line stands behind this one's beginning.
  compiled = converted.output ?? ''
  return converted
}
const executor = createExecutor(
  process.cwd(),
  {
    node: converter,
    get browser() {
      return createConverter({ isJS, isBrowser: true })
    },
    close: () => converter.close(),
  },
  {
    log: (...values) => {
      result = values
    },
    error: (...words) => {
      said.push(words)
    },
  },
)

const handler = new JupyterHandlerImpl(executor, isJS)
const server = new ZmqServer(handler, configPath)
const openHandler = handler as unknown as OpenHandler // private in its types only
const openServer = server as unknown as OpenServer // private in its types only

const streamInterval = 20
const streamPiece = 100_000

let turn: Promise<void> = Promise.resolve()
let count = 0
let failures = 0

async function execute(socket: unknown, message: TslabMessage, failuresBefore: number): Promise<void> {
  const { code, stop_on_error: stopsOnError = true } = message.content as ExecuteRequest // as the protocol has it
  const post = (type: string, content: unknown, to: unknown) => {
    const reply = message.createReply()
    reply.header.msg_type = type
    reply.content = content
    reply.signAndSend(openServer.connInfo.key, to)
  }
  // A message for each line would take a hundred times as long as the printing.
  let waiting: { readonly name: string; text: string } | undefined
  const flush = () => {
    const stream = waiting
    waiting = undefined
    if (stream) post('stream', stream, openServer.iopub)
  }
  const print = (name: string, text: string) => {
    if (waiting && (waiting.name !== name || waiting.text.length > streamPiece)) flush()
    if (waiting) waiting.text += text
    else {
      waiting = { name, text }
      setTimeout(flush, streamInterval)
    }
  }
  const send = (type: string, content: unknown, to = openServer.iopub) => {
    flush()
    post(type, content, to)
  }
  if (stopsOnError && failures > failuresBefore) return send('execute_reply', { status: 'aborted' }, socket)
  count += 1
  said = []
  result = []
  compiled = ''
  const execution_count = count
  send('execute_input', { code, execution_count })
  const finish = (status: string, rest: object) => send('execute_reply', { status, execution_count, ...rest }, socket)
  try {
    await openHandler.handleExecuteImpl({ code }, print, (data, update) =>
      send(update ? 'update_display_data' : 'display_data', data),
    )
    const [value] = result
    if (result.length > 0)
      send('execute_result', { execution_count, data: { 'text/plain': inspect(value) }, metadata: {} })
    finish('ok', { user_expressions: {}, payload: [] })
  } catch (error) {
    failures += 1
    const failure = cellError(said.length > 0 ? said : [[error]], code, compiled, execution_count)
    send('error', failure)
    finish('error', failure)
  }
}

openServer.handleExecute = (socket, message) => {
  const failuresBefore = failures
  turn = turn.then(() => execute(socket, message, failuresBefore))
  return turn
}

// Whoever started it may be gone without having said so.
const parent = Number(process.env.JPY_PARENT_PID)
if (parent === process.ppid) setInterval(() => process.ppid !== parent && process.exit(), 1000).unref()

process.on('SIGINT', () => executor.interrupt())
process.on('uncaughtException', (error) => console.error('Uncaught:', error))
process.on('unhandledRejection', (reason) => console.error('Unhandled rejection:', reason))
await server.init()
