import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { Publisher, Reply, Router } from 'zeromq'
import { afterOwnTime } from '../../own-time.ts'
import { address, type Connection, type Content, decode, type Message } from '../../wire.ts'
import type { ToSession, ToSockets } from '../messages.ts'
import type { InputLink } from '../prompt.ts'
import { type Answers, Sender, Voice } from './channel.ts'
import { Input } from './input.ts'
import { cutOff, finishCut, mayCut, newTurn, watchSignal } from './interrupt.ts'
import { endGroup, type Parent, watchParent } from './parent.ts'
import { kernelInfo, type SessionLink, Shell } from './shell.ts'
import { Streams } from './streams.ts'

// The thread of the kernel's sockets. Heartbeats, requests and output go on while a cell computes.

interface Data {
  readonly connectionFile: string
  /** What the session has said and is not yet sent: see outputs.ts. */
  readonly waiting: Int32Array
  /** Milliseconds more that the session may take to answer an interrupt: see training.ts. */
  readonly patience: Int32Array
  readonly parent: Parent
  readonly input: InputLink
}

/** Milliseconds in which the session answers, unless it computes. */
const responsive = 100
/** Milliseconds of its own in which the process ends by itself. */
const endTime = 2000

// Given by kernel.ts.
const { connectionFile, waiting, patience, parent, input: inputLink } = workerData as Data
const port = parentPort
if (!port) throw new Error('The sockets are a worker of the kernel.')
// A connection file: what is not right in it fails below, by name.
const connection = JSON.parse(readFileSync(connectionFile, 'utf8')) as Connection
const postToSession = (message: ToSession): void => port.postMessage(message)

const [shell, control, stdin, iopub, heartbeat] = [
  new Router(),
  new Router(),
  new Router(),
  new Publisher(),
  new Reply(),
]
const sockets = [iopub, shell, control, stdin, heartbeat]
// A front end that reads slowly loses nothing.
for (const socket of [shell, control, stdin, iopub]) socket.sendHighWaterMark = 0
for (const socket of sockets) socket.linger = 1000
await Promise.all([
  shell.bind(address(connection, connection.shell_port)),
  control.bind(address(connection, connection.control_port)),
  stdin.bind(address(connection, connection.stdin_port)),
  iopub.bind(address(connection, connection.iopub_port)),
  heartbeat.bind(address(connection, connection.hb_port)),
])

const voice = new Voice(connection.key, () => Date.now())
const publisher = new Sender(iopub)
const publish: Answers['publish'] = (type, content, request) =>
  publisher.send(voice.frames(type, content, request, [Buffer.from(type)]))

/** Lets the session go on that waits because too much was on its way. */
const sent = (characters: number): void => {
  Atomics.sub(waiting, 0, characters)
  Atomics.notify(waiting, 0)
}
const streams = new Streams((content, request) => publish('stream', content, request), sent)

const answersOn = (socket: Router): Answers => {
  const sender = new Sender(socket)
  const reply: Answers['reply'] = ({ header, identities }, content) =>
    sender.send(voice.frames(header.msg_type.replace(/_request$/, '_reply'), content, header, identities))
  return { publish, reply }
}

// What the session was asked, and who waits for its answer.
const requests = new Map<number, (content: Content) => void>()
let last = 0
let executed: (content: Content) => void = () => undefined
const ask = (make: (id: number) => ToSession): Promise<Content> => {
  last += 1
  const id = last
  return new Promise((resolve) => {
    requests.set(id, resolve)
    postToSession(make(id))
  })
}
const link: SessionLink = {
  execute: (request) =>
    new Promise((resolve) => {
      executed = resolve
      postToSession(request)
    }),
  ask: (request) => ask((id) => ({ ...request, id })),
}

const input = new Input(stdin, voice, inputLink)

async function interrupt(): Promise<void> {
  input.forget()
  const turn = newTurn()
  const heard = ask((id) => ({ type: 'interrupt', id, turn, cut: false }))
  await Promise.race([heard, pause(responsive + Atomics.load(patience, 0))])
  if (!mayCut(turn)) return
  await cutOff()
  finishCut(turn)
  // What heard of it may have been cut off itself.
  await ask((id) => ({ type: 'interrupt', id, turn, cut: true }))
}

const controlAnswers = answersOn(control)
async function obey(request: Message): Promise<void> {
  const { header, content } = request
  await publish('status', { execution_state: 'busy' }, header)
  if (header.msg_type === 'interrupt_request') await interrupt()
  if (header.msg_type === 'kernel_info_request') await controlAnswers.reply(request, kernelInfo)
  else if (header.msg_type === 'shutdown_request')
    await controlAnswers.reply(request, { status: 'ok', restart: content.restart === true })
  else if (header.msg_type.endsWith('_request')) await controlAnswers.reply(request, { status: 'ok' })
  await publish('status', { execution_state: 'idle' }, header)
  if (header.msg_type === 'shutdown_request') await shutDown(false)
}

/** Milliseconds that the process has used. */
const cpuTime = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Ends the process: in good order, and if it computes, by cutting that off, and if that fails, at once. */
async function shutDown(orphaned: boolean): Promise<void> {
  const turn = newTurn()
  postToSession({ type: 'shutdown', turn, orphaned })
  afterOwnTime(endTime, cpuTime, () => {
    if (orphaned) endGroup()
    process.kill(process.pid, 'SIGKILL')
  })
  await pause(responsive)
  if (!mayCut(turn)) return
  await cutOff()
  finishCut(turn)
  postToSession({ type: 'shutdown', turn, orphaned })
}

const shellRequests = new Shell(link, answersOn(shell))
async function listen(socket: Router, take: (request: Message) => Promise<void>): Promise<void> {
  for await (const frames of socket) {
    const request = decode(frames, connection.key)
    if (request) void take(request)
  }
}

port.on('message', async (message: ToSockets) => {
  if (message.type === 'output' && message.kind === 'stream')
    streams.add(message.content.name, String(message.content.text), message.parent)
  else if (message.type === 'output') {
    streams.flush()
    await publish(message.kind, message.content, message.parent)
    sent(message.size)
  } else if (message.type === 'input') {
    streams.flush()
    if (shellRequests.executing) await input.ask(message.content, shellRequests.executing)
  } else if (message.type === 'executed') {
    streams.flush()
    executed(message.content)
  } else if (message.type === 'answered' || message.type === 'interrupted') {
    requests.get(message.id)?.(message.type === 'answered' ? message.content : {})
    requests.delete(message.id)
  } else if (message.type === 'flush') {
    streams.flush()
    await publisher.sent
    for (const socket of sockets) socket.close()
    // What still listened hears that it is over before the thread is gone.
    await new Promise((resolve) => setImmediate(resolve))
    Atomics.store(message.done, 0, 1)
    Atomics.notify(message.done, 0)
  } else if (message.type === 'ready') {
    await publish('status', { execution_state: 'starting' }, undefined)
    void listen(shell, (request) => shellRequests.take(request))
    void listen(control, obey)
    void listen(stdin, async (reply) => input.take(reply))
    watchSignal(() => void interrupt())
  }
})

void (async () => {
  for await (const frames of heartbeat) await heartbeat.send(frames)
})()

watchParent(parent, () => void shutDown(true))
