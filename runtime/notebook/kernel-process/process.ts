import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt, randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { isSystemError } from '../../errors/system-error.ts'
import type { Connection } from '../wire.ts'
import type { Environment, KernelSpec } from './kernelspec.ts'

const mostPrinted = 4000

/** Below those that systems give to connections by themselves, one of which could take a port before the kernel has it. */
const lowestPort = 20_000
const highestPort = 32_000
const mostTries = 50

/** A server on a port that nobody uses now. */
async function onFreePort(): Promise<{ readonly server: Server; readonly port: number }> {
  for (let tried = 1; ; tried += 1) {
    const port = randomInt(lowestPort, highestPort)
    const server = createServer()
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen(port, '127.0.0.1', resolve)
      })
      return { server, port }
    } catch (error) {
      const isTaken = isSystemError(error, 'EADDRINUSE')
      if (!isTaken || tried >= mostTries) throw error
    }
  }
}

/** Five ports that nobody uses now. They are held together, so that they differ. */
export async function freePorts(): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: 5 }, onFreePort))
  await Promise.all(servers.map(({ server }) => new Promise((resolve) => server.close(resolve))))
  return servers.map(({ port }) => port)
}

async function newConnection(): Promise<Connection> {
  const [shell = 0, iopub = 0, stdin = 0, control = 0, heartbeat = 0] = await freePorts()
  return {
    transport: 'tcp',
    ip: '127.0.0.1',
    shell_port: shell,
    iopub_port: iopub,
    stdin_port: stdin,
    control_port: control,
    hb_port: heartbeat,
    key: randomUUID(),
    signature_scheme: 'hmac-sha256',
  }
}

/** A kernel's process with its connection file, which only this user can read. */
export class KernelProcess {
  readonly connection: Connection
  /** Why the process ended, for a person; pending while it lives. */
  readonly ended: Promise<string>
  readonly #child: ChildProcess
  readonly #folder: string
  #said = ''
  #alive = true

  private constructor(connection: Connection, child: ChildProcess, folder: string) {
    this.connection = connection
    this.#child = child
    this.#folder = folder
    const listen = (chunk: string) => {
      this.#said = (this.#said + chunk).slice(-mostPrinted)
    }
    child.stdout?.setEncoding('utf8').on('data', listen)
    child.stderr?.setEncoding('utf8').on('data', listen)
    // However this process ends, it leaves no kernel behind.
    const kill = () => this.kill()
    process.once('exit', kill)
    this.ended = new Promise((resolve) => {
      const end = (reason: string) => {
        this.#alive = false
        process.off('exit', kill)
        rmSync(folder, { recursive: true, force: true })
        resolve(reason)
      }
      child.once('error', (error) => end(`${error.message}.`))
      // What it wrote last may come after its exit; what it started may hold its pipes open for ever.
      child.once('exit', (code, signal) => setTimeout(() => end(this.#reason(code, signal)), 20))
    })
  }

  static async start(spec: KernelSpec, folder: string, env: Environment): Promise<KernelProcess> {
    const connection = await newConnection()
    const temporary = mkdtempSync(join(tmpdir(), 'polku-kernel-'))
    const file = join(temporary, 'connection.json')
    writeFileSync(file, JSON.stringify({ ...connection, kernel_name: spec.name }), { mode: 0o600 })
    const [command = '', ...args] = spec.argv.map((part) => part.replaceAll('{connection_file}', file))
    const child = spawn(command, args, {
      cwd: folder,
      // ipykernel ends when this process is gone.
      env: confined({ ...env, ...spec.env, JPY_PARENT_PID: String(process.pid) }),
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: it is interrupted and killed with all that it started.
      detached: true,
    })
    return new KernelProcess(connection, child, temporary)
  }

  get alive(): boolean {
    return this.#alive
  }

  interrupt(): void {
    this.#signal('SIGINT')
  }

  kill(): void {
    this.#signal('SIGKILL')
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Resident memory of the process and all that it started, in bytes; undefined where the system does not tell. */
  memory(): number | undefined {
    return this.#child.pid === undefined || process.platform !== 'linux' ? undefined : treeMemory(this.#child.pid)
  }

  /** Milliseconds on the processor of the process and all that it started; undefined where the system does not tell. */
  cpuTime(): number | undefined {
    return this.#child.pid === undefined || process.platform !== 'linux' ? undefined : treeTime(this.#child.pid)
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return
    try {
      process.kill(-this.#child.pid, signal)
    } catch (error) {
      // Gone already, with all of its group.
      if (!isSystemError(error, 'ESRCH')) throw error
    }
  }

  #reason(code: number | null, signal: string | null): string {
    const said = lastWords(stripVTControlCharacters(this.#said))
    const memory = /heap out of memory|MemoryError|bad_alloc/.test(said) ? 'it ran out of memory, and ' : ''
    const how =
      signal === 'SIGKILL' && !memory
        ? 'it was killed (SIGKILL), as a system does that runs out of memory'
        : signal
          ? `${memory}it was ended by ${signal}`
          : `${memory}it exited with code ${code}`
    return said ? `${how}. It said:\n${said}` : `${how}.`
  }
}

/**
 * The environment in which a kernel is confined as this process is, where it runs on Node. Node hands its permissions to
 * what it starts as well, but splits their paths at blanks.
 */
function confined(env: Environment): Environment {
  if (!process.execArgv.includes('--permission')) return env
  const flags = process.execArgv.filter((argument) => /^--(?:permission$|allow-)/.test(argument))
  return { ...env, NODE_OPTIONS: [env.NODE_OPTIONS, ...flags.map(nodeOption)].filter(Boolean).join(' ') }
}

/** One argument as NODE_OPTIONS writes it. */
const nodeOption = (argument: string): string =>
  /[\s"\\]/.test(argument) ? `"${argument.replaceAll(/["\\]/g, '\\$&')}"` : argument

/** What belongs to a stack: of JavaScript, of Node's own code, or of what its collector did last. */
const stackLine = /^\s+at |^\s*\d+: (?:0x[\da-f]+|.*:\d+:\d+\)?$)|^\[\d+:0x|^<---|^----- /

/** The end of what a process said, without the stack below its error. */
const lastWords = (said: string): string =>
  said
    .split('\n')
    .filter((line) => line.trim() !== '' && !stackLine.test(line))
    .slice(-8)
    .join('\n')

/** The fields of /proc/PID/stat from the state on: the name before it, in brackets, may itself hold brackets and spaces. */
const statFields = (pid: string): string[] | undefined => {
  const stat = procText(pid, 'stat')
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/** The system's processes; none where this process may not look at them, as a run of the service may not. */
function processIds(): string[] {
  try {
    return readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))
  } catch (error) {
    if (isSystemError(error, 'ERR_ACCESS_DENIED')) return []
    throw error
  }
}

/** A process and its descendants, each with its fields; empty where the system does not tell. */
function processTree(root: number): Map<number, readonly string[]> {
  const processes = processIds().flatMap((id) => {
    const fields = statFields(id)
    return fields ? [[Number(id), fields] as const] : []
  })
  const children = Map.groupBy(processes, ([, [, parent]]) => Number(parent))
  const tree = new Map(processes.filter(([pid]) => pid === root))
  // What is added while one goes through is gone through too.
  for (const pid of tree.keys()) for (const [child, fields] of children.get(pid) ?? []) tree.set(child, fields)
  return tree
}

/** Bytes that a process and its descendants hold. */
function treeMemory(root: number): number | undefined {
  let bytes: number | undefined
  for (const pid of processTree(root).keys()) {
    const resident = /^VmRSS:\s+(\d+) kB/m.exec(procText(String(pid), 'status') ?? '')?.[1]
    if (resident !== undefined) bytes = (bytes ?? 0) + Number(resident) * 1024
  }
  return bytes
}

/** Milliseconds of a clock tick: of what Linux tells to programs, whatever it counts in. */
const tick = 10

/** Milliseconds on the processor of a process and its descendants, with those that have ended. */
const treeTime = (root: number): number | undefined => {
  const fields = [...processTree(root).values()]
  if (fields.length === 0) return undefined
  const [user, children] = [11, 15]
  return fields.flatMap((one) => one.slice(user, children).map(Number)).reduce((sum, ticks) => sum + ticks, 0) * tick
}

function procText(pid: string, name: string): string | undefined {
  try {
    return readFileSync(join('/proc', pid, name), 'utf8')
  } catch {
    // Processes end while one looks at them.
    return undefined
  }
}
