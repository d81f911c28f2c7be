import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { serveConsole } from '../console/console.ts'
import { PolkuError } from '../errors/errors.ts'
import { firstAdministrator } from '../server/access/first-administrator.ts'
import { readOpenId } from '../server/access/openid/configuration.ts'
import { createApp } from '../server/http/app.ts'
import { alertSettings } from '../service/alerts/settings.ts'
import { serviceLog } from '../service/log.ts'
import { startService } from '../service/service.ts'
import { say } from './say.ts'

export interface ServeOptions {
  readonly workspaces: string
  readonly database?: string
  readonly host: string
  readonly port: number
  readonly slots: number
  /** Gigabytes that the process of a run may take. */
  readonly memory: number
  readonly worker: boolean
  /** Where browsers reach the service. */
  readonly url?: string
  /** The addresses of proxies whose word on who asks is taken. */
  readonly trustProxy?: string
  /** A file that says where people may sign in elsewhere. */
  readonly openid?: string
}

/** How long steps may go on after the service was asked to end, in ms. */
const stopWithin = 20_000

function serviceOptions({ workspaces, database, slots, memory, worker, url }: ServeOptions) {
  const folder = resolve(workspaces)
  if (!existsSync(folder)) throw new PolkuError('WORKSPACES_NOT_FOUND', { folder })
  return {
    workspaces: folder,
    data: join(folder, '.polku'),
    database,
    keys: process.env.POLKU_SECRET_KEY,
    slots: worker ? slots : 0,
    memory: Math.round(memory * 2 ** 30),
    log: serviceLog(process.env.POLKU_LOG_LEVEL || 'info'),
    alerts: alertSettings({ ...process.env, ...(url && { POLKU_URL: url }) }),
  }
}

/** Throws USAGE. */
function originOf(url: string): string {
  const address = URL.canParse(url) ? new URL(url) : undefined
  if (address && /^https?:$/.test(address.protocol) && address.pathname === '/') return address.origin
  throw new PolkuError('USAGE', { reason: `--url ${url} is not an address such as https://polku.example` })
}

/** Waits until the process is asked to end; a second time ends it at once. */
async function untilStopped(): Promise<void> {
  const signals = ['SIGINT', 'SIGTERM'] as const
  const { promise, resolve } = Promise.withResolvers<void>()
  const end = () => resolve()
  for (const signal of signals) process.once(signal, end)
  await promise
  for (const signal of signals) process.off(signal, end)
  say(`Ending: steps that go on have ${stopWithin / 1000} s; what is left goes on elsewhere or at the next start.\n`)
}

/** Throws ADDRESS_TAKEN. */
async function listen(app: FastifyInstance, { host, port }: ServeOptions): Promise<string> {
  try {
    return await app.listen({ host, port })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && 'syscall' in error)) throw error
    throw new PolkuError('ADDRESS_TAKEN', { host, port, reason: String(error.code) }, {}, error)
  }
}

/** Serves the clients' workspaces until it is asked to end. */
export async function serveWorkspaces(options: ServeOptions): Promise<void> {
  const { trustProxy } = options
  const url = options.url && originOf(options.url)
  const started = serviceOptions(options)
  const openid = options.openid ? readOpenId(options.openid, process.env.POLKU_OPENID_SECRET) : undefined
  const service = await startService(started)
  try {
    const app = createApp({
      ...{ service, now: Date.now, url, trustProxy, openid, pages: serveConsole },
      logger: started.log,
      metricsToken: process.env.POLKU_METRICS_TOKEN || undefined,
    })
    try {
      const address = await listen(app, options)
      const token = await firstAdministrator(service.database, Date.now)
      say(`Polku serves ${options.workspaces} at ${address}\n`)
      if (token) say(`The administrator’s token, told this once:\n\n  ${token}\n\n`)
      await untilStopped()
    } finally {
      await app.close()
    }
  } finally {
    await service.stop(stopWithin)
  }
}

/** Works for a service whose database is a PostgreSQL server, until it is asked to end. It tells nobody of anything: that is the service's. */
export async function work(options: ServeOptions): Promise<void> {
  const service = await startService({ ...serviceOptions(options), alerts: undefined })
  try {
    say(`A worker for ${options.workspaces} takes ${options.slots} runs at once\n`)
    await untilStopped()
  } finally {
    await service.stop(stopWithin)
  }
}
