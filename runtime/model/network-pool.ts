import { availableParallelism } from 'node:os'
import { Worker, type WorkerOptions } from 'node:worker_threads'
import { PolkuError } from '../errors/errors.ts'
import type { NetworkProgress, Reply, Request } from './network-message.ts'

/** An idle worker saves the next request a start of some 150 ms, but keeps all the memory it ever needed. */
const idleMilliseconds = 30_000

interface JobOptions {
  /** Buffers of the request that the sender gives away. */
  readonly transfer?: readonly ArrayBuffer[]
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: NetworkProgress) => void
}

interface Job extends JobOptions {
  readonly request: Request
  readonly resolve: (reply: Reply) => void
  readonly reject: (error: unknown) => void
}

interface Seat {
  readonly worker: Worker
  job?: Job
  idle?: NodeJS.Timeout
  /** The uncaught error that ends the worker. */
  error?: unknown
}

export interface PoolOptions {
  /** The most workers at a time; by default one for each processor, at most four. */
  readonly size?: number
  readonly file?: URL
  readonly worker?: WorkerOptions
}

const workerDied = (reason: string, cause?: unknown) => new PolkuError('MODEL_WORKER_DIED', { reason }, {}, cause)

/**
 * Worker threads for networks. A thread is started when a request finds none free, is reused by the
 * next, and keeps the process alive only while it works.
 */
export class NetworkPool {
  readonly #size: number
  readonly #file: URL
  readonly #options: WorkerOptions
  readonly #seats = new Set<Seat>()
  readonly #waiting: Job[] = []

  constructor({ size, file, worker }: PoolOptions = {}) {
    this.#size = size ?? Math.min(availableParallelism(), 4)
    this.#file = file ?? new URL('./network-worker.ts', import.meta.url)
    // Flags of the process, such as --input-type or a debugger's, are not meant for its threads.
    this.#options = { execArgv: [], ...worker }
  }

  /** How many threads there are at the moment. */
  get workers(): number {
    return this.#seats.size
  }

  /**
   * Answers a request on the next free worker, the first come first. Rejects with the worker's error,
   * with MODEL_WORKER_DIED when the worker ends without an answer, or with the signal's reason.
   */
  async run(request: Request, options: JobOptions = {}): Promise<Reply> {
    const { signal } = options
    signal?.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<Reply>()
    const job: Job = { ...options, request, resolve, reject }
    const cancel = () => this.#cancel(job)
    signal?.addEventListener('abort', cancel, { once: true })
    this.#waiting.push(job)
    this.#assign()
    try {
      return await promise
    } finally {
      signal?.removeEventListener('abort', cancel)
    }
  }

  /** Ends all threads and rejects what they had to do. A later request starts new ones. */
  async close(): Promise<void> {
    for (const job of this.#waiting.splice(0)) job.reject(workerDied('it was closed before its turn'))
    await Promise.all([...this.#seats].map((seat) => this.#retire(seat)))
  }

  #cancel(job: Job): void {
    if (job.request.kind === 'train') Atomics.store(job.request.stop, 0, 1)
    const index = this.#waiting.indexOf(job)
    if (index < 0) return // It runs, and its worker answers `stopped` before the next batch.
    this.#waiting.splice(index, 1)
    job.reject(job.signal?.reason)
  }

  #assign(): void {
    while (this.#waiting.length > 0) {
      const seat = [...this.#seats].find(({ job }) => job === undefined) ?? this.#open()
      if (seat === undefined) return
      this.#start(seat, this.#waiting.shift()!)
    }
  }

  #start(seat: Seat, job: Job): void {
    clearTimeout(seat.idle)
    try {
      seat.worker.postMessage(job.request, job.transfer)
    } catch (error) {
      job.reject(error) // It cannot be sent, and the worker knows nothing of it.
      this.#rest(seat)
      return
    }
    seat.job = job
    seat.worker.ref()
  }

  #open(): Seat | undefined {
    if (this.#seats.size >= this.#size) return undefined
    const worker = new Worker(this.#file, this.#options)
    const seat: Seat = { worker }
    worker.on('message', (reply: Reply) => this.#receive(seat, reply))
    worker.on('messageerror', (error) => this.#fail(seat, error))
    worker.on('error', (error) => this.#fail(seat, error))
    worker.on('exit', (code) => this.#fail(seat, seat.error ?? new Error(`it ended with exit code ${code}`)))
    this.#seats.add(seat)
    return seat
  }

  #receive(seat: Seat, reply: Reply): void {
    if (reply.kind === 'epoch') {
      this.#progress(seat.job, reply.progress)
      return
    }
    const { job } = seat
    seat.job = undefined
    this.#rest(seat)
    if (reply.kind === 'stopped') job?.reject(job.signal?.reason)
    else if (reply.kind === 'failed') job?.reject(new PolkuError(reply.code, reply.values))
    else job?.resolve(reply)
    this.#assign()
  }

  /** A caller's fault while it is told of the progress is the caller's, and ends the training. */
  #progress(job: Job | undefined, progress: NetworkProgress): void {
    try {
      job?.onProgress?.(progress)
    } catch (error) {
      if (job?.request.kind === 'train') Atomics.store(job.request.stop, 0, 1)
      job?.reject(error)
    }
  }

  #rest(seat: Seat): void {
    seat.worker.unref()
    seat.idle = setTimeout(() => this.#retire(seat), idleMilliseconds).unref()
  }

  #fail(seat: Seat, error: unknown): void {
    seat.error = error
    void this.#retire(seat)
    this.#assign()
  }

  async #retire(seat: Seat): Promise<void> {
    this.#seats.delete(seat)
    clearTimeout(seat.idle)
    const { job, error } = seat
    seat.job = undefined
    const reason = error instanceof Error ? error.message : String(error ?? 'it was closed')
    job?.reject(workerDied(reason, error))
    await seat.worker.terminate()
  }
}
