import { parentPort } from 'node:worker_threads'
import { PolkuError } from '../errors/errors.ts'
import { forwardRows, logits, sigmoid, startBackend } from './network-forward.ts'
import type { Reply, Request } from './network-message.ts'
import { Stopped, train } from './network-train.ts'

// A worker thread's whole life: TF.js is started once, then requests are answered one by one. An
// error that is not of the table leaves the thread uncaught and ends it, for nobody knows what
// state it left TF.js in; the pool then rejects the request and starts a new thread.

const port = parentPort
if (port === null) throw new Error('This file is run as a worker thread by network-pool.ts.')

const ready = startBackend()

const reply = (message: Reply, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)

const predict = ({ layers, x, width }: Request & { kind: 'predict' }): Float32Array<ArrayBuffer> => {
  const probabilities = new Float32Array(x.length / width)
  const rows = forwardRows(layers)
  for (let start = 0; start < probabilities.length; start += rows)
    probabilities.set(logits(layers, x.subarray(start * width, (start + rows) * width), width).map(sigmoid), start)
  return probabilities
}

const answer = async (request: Request): Promise<void> => {
  if (request.kind === 'score') {
    // Loaded for those who need it: a network of Polku's own does not.
    const { scoreLayers } = await import('./layers-score.ts')
    const probabilities = await scoreLayers(request)
    reply({ kind: 'predicted', probabilities }, [probabilities.buffer])
    return
  }
  if (request.kind === 'predict') {
    const probabilities = predict(request)
    reply({ kind: 'predicted', probabilities }, [probabilities.buffer])
    return
  }
  const network = train(request.spec, {
    stopped: () => Atomics.load(request.stop, 0) === 1,
    onEpoch: (progress) => reply({ kind: 'epoch', progress }),
  })
  reply({ kind: 'trained', network })
}

port.on('message', async (request: Request) => {
  await ready
  try {
    await answer(request)
  } catch (error) {
    if (error instanceof Stopped) reply({ kind: 'stopped' })
    else if (error instanceof PolkuError) reply({ kind: 'failed', code: error.code, values: error.values })
    else throw error
  }
})
