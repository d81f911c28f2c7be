import { readdirSync, readFileSync } from 'node:fs'
import { startPolku } from '../../fixtures/polku-process.ts'

/** `polku serve`, running. */
export interface Served {
  readonly address: string
  /** The administrator's token, told at the first start only. */
  readonly token: string | undefined
  /** Milliseconds from its start to the line that says that it serves. */
  readonly ready: number
  /** What the process and all that it has started take now. */
  usage(): Usage
  end(): Promise<void>
}

interface Usage {
  /** Resident bytes. */
  readonly bytes: number
  readonly cpuMilliseconds: number
}

/** Starts `polku serve` on a free port and waits until it serves; the first start of a service tells a token. */
export async function startServed(
  workspaces: string,
  database: string | undefined,
  { isFirst = false } = {},
): Promise<Served> {
  const begun = performance.now()
  const options = ['serve', '--workspaces', workspaces, '--port', '0', ...(database ? ['--database', database] : [])]
  const isReady = (printed: string) => addressIn.test(printed) && (!isFirst || tokenIn.test(printed))
  const { pid, ready, end } = startPolku(options, isReady)
  const printed = await ready
  return {
    address: addressIn.exec(printed)?.[1] ?? '',
    token: tokenIn.exec(printed)?.[0],
    ready: performance.now() - begun,
    usage: () => usageOf(pid),
    async end() {
      await end('SIGTERM')
    },
  }
}

const addressIn = /Polku serves .* at (\S+)\n/
const tokenIn = /polku_[\w-]{43}/

const pageBytes = 4096
const tickMilliseconds = 10

/** Of a process and its children, as Linux tells it; of those that have ended their CPU time only. */
function usageOf(pid: number): Usage {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  let sum: Usage = { bytes: 0, cpuMilliseconds: 0 }
  for (const name of pids)
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const ticks = fields.slice(11, 15).map(Number)
      const isOwn = Number(name) === pid
      if (!isOwn && Number(fields[1]) !== pid) continue
      // The time of children that have ended is its parent's.
      const counted = isOwn ? ticks : ticks.slice(0, 2)
      sum = {
        bytes: sum.bytes + Number(fields[21]) * pageBytes,
        cpuMilliseconds: sum.cpuMilliseconds + counted.reduce((total, each) => total + each, 0) * tickMilliseconds,
      }
    } catch {
      // It has just ended.
    }
  return sum
}
