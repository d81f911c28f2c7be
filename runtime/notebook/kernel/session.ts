import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { constants, Script } from 'node:vm'
import { interruptWork } from '../api/interrupt.ts'
import type { Content } from '../wire.ts'
import type { Checker } from './checker.ts'
import { bundleOf } from './display.ts'
import { failure, refusal } from './failure.ts'
import type { ExecuteRequest } from './messages.ts'
import type { Outputs } from './outputs.ts'
import { KeyboardInterrupt, Scope } from './scope.ts'
import type { Stacks } from './stack.ts'
import { stopTraining } from './training.ts'

export interface SessionParts {
  readonly checker: Checker
  readonly outputs: Outputs
  readonly stacks: Stacks
  /** Whether cells with type errors are refused. */
  readonly check: boolean
}

/** Time for an interrupted cell to clean up, in milliseconds. */
const grace = 100

/** A cell that runs. */
interface Running {
  interrupted: boolean
  isCompiling: boolean
  readonly attended: boolean
  readonly stop: (reason: unknown) => void
  readonly stopped: Promise<never>
}

type Refused = { readonly refused: Content }
type Ran = { readonly result: unknown }

// A notebook's cells know what modules know: they stand as if in the folder's file `notebook.ts`.
const folder = process.cwd()
const filename = join(folder, 'notebook.ts')
const moduleNames = { require: createRequire(filename), __filename: filename, __dirname: folder }
const meta = {
  url: pathToFileURL(filename).href,
  filename,
  dirname: folder,
  main: false,
  resolve: (specifier: string) => pathToFileURL(moduleNames.require.resolve(specifier)).href,
}

/** Runs cells one after the other, which share what they declare. */
export class Session {
  readonly #services: SessionParts
  readonly #scope = new Scope()
  #running: Running | undefined
  #expressions = 0

  constructor(services: SessionParts) {
    this.#services = services
  }

  /** Runs a cell, publishes what it shows, and gives the content of its execute_reply. */
  async execute({ cell, code, count, silent, attended, userExpressions, parent }: ExecuteRequest): Promise<Content> {
    const { outputs, stacks, check } = this.#services
    outputs.begin(parent)
    const running = this.#begin(attended)
    try {
      const ran = await Promise.race([this.#run(cell, code, check, running), running.stopped])
      if ('refused' in ran) return this.#failed(ran.refused)
      const data = ran.result === undefined ? {} : await Promise.race([bundleOf(ran.result), running.stopped])
      if (!silent && Object.keys(data).length > 0)
        outputs.send('execute_result', { execution_count: count, data, metadata: {} })
      const expressions = await this.#expressionsOf(userExpressions, running)
      return { status: 'ok', payload: [], user_expressions: expressions }
    } catch (error) {
      // Whatever an interrupted cell fails with, it fails of being interrupted.
      return this.#failed(failure(running.interrupted ? KeyboardInterrupt.insteadOf(error) : error, stacks))
    } finally {
      this.#running = undefined
    }
  }

  /**
   * Stops what runs: it goes no further than its next `await`, and the cell ends with a KeyboardInterrupt. `cut` is
   * whether what it computed was cut off.
   */
  interrupt(cut: boolean): void {
    this.#scope.interrupt()
    interruptWork()
    stopTraining(cut)
    const running = this.#running
    if (!running) return
    running.interrupted = true
    setTimeout(() => {
      if (running.isCompiling) this.#services.checker.abandon()
      running.stop(new KeyboardInterrupt())
    }, grace)
  }

  /** Whether somebody answers what the cell asks. */
  get isAttended(): boolean {
    return this.#running?.attended ?? false
  }

  #begin(attended: boolean): Running {
    const { promise, reject } = Promise.withResolvers<never>()
    promise.catch(() => undefined) // whoever still waits for the cell is told
    this.#running = { interrupted: false, isCompiling: false, attended, stop: reject, stopped: promise }
    return this.#running
  }

  #failed(content: Content): Content {
    this.#services.outputs.send('error', content)
    return { status: 'error', ...content }
  }

  async #run(cell: string, code: string, check: boolean, running: Running): Promise<Ran | Refused> {
    const { checker, outputs, stacks } = this.#services
    running.isCompiling = true
    const { faults, script, map, unchecked } = await checker.compile({ cell, code, check })
    running.isCompiling = false
    if (running.interrupted) throw new KeyboardInterrupt()
    if (script === undefined || map === undefined) return { refused: refusal(faults, cell, code, stacks) }
    if (unchecked !== undefined)
      outputs.write('stderr', `The type checker died over this cell, which runs unchecked: ${unchecked}\n`)
    stacks.remember(cell, map, code)
    const published: string[] = []
    try {
      return await this.#call(cell, script, published)
    } finally {
      const publication = checker.publish(cell, published)
      publication.catch((error: Error) => outputs.write('stderr', `${error.message}\n`))
    }
  }

  #call(cell: string, script: string, published: string[]): Promise<Ran> {
    const { names } = this.#scope
    let result: unknown
    const surroundings = {
      scope: names,
      meta,
      publish: (name: string, get: () => unknown, set?: (value: unknown) => void) => {
        published.push(name)
        this.#scope.publish(name, get, set)
      },
      wait: (value: unknown) => this.#scope.wait(value),
      iterate: (iterable: AsyncIterable<unknown>) => this.#scope.iterate(iterable),
      result: (value: unknown) => {
        result = value
      },
    }
    const compiled = new Script(script, {
      filename: cell,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    })
    const body = compiled.runInThisContext()(moduleNames)
    return new Promise((resolve, reject) => {
      // In a turn of its own: an endless loop that is cut off takes with it whoever called it.
      queueMicrotask(() => body(surroundings).then(() => resolve({ result }), reject))
    })
  }

  async #expressionsOf(expressions: Readonly<Record<string, string>>, { stopped }: Running): Promise<Content> {
    const values: Record<string, unknown> = {}
    for (const [name, code] of Object.entries(expressions)) {
      this.#expressions += 1
      const { checker, stacks } = this.#services
      const cell = `expression ${this.#expressions}`
      try {
        const { faults, script } = await checker.compile({ cell, code, check: false })
        if (script === undefined) values[name] = { status: 'error', ...refusal(faults, cell, code, stacks) }
        else {
          const bundle = this.#call(cell, script, []).then(({ result }) => bundleOf(result))
          values[name] = { status: 'ok', data: await Promise.race([bundle, stopped]), metadata: {} }
        }
      } catch (error) {
        values[name] = { status: 'error', ...failure(error, stacks) }
      }
    }
    return values
  }
}
