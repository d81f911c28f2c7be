import { accessSync, constants, statfsSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { runsQueue } from '../../service/queue/queue.ts'
import type { Service } from '../../service/service.ts'

/** How long the database may take to answer, and how long an answer is good for, in ms. */
const answerWithin = 2000
const goodFor = 1000
/** With less room than this nothing is begun that could not be ended, in bytes. */
const leastRoom = 200 * 2 ** 20

type Check = 'ok' | string

interface Health {
  readonly status: 'ready' | 'not ready'
  readonly checks: Readonly<Record<'database' | 'queue' | 'disk' | 'workspaces', Check>>
}

/** Whether the service lives, and whether it can work: for anybody who asks, without saying where anything lies. */
export function health(app: FastifyInstance, service: Service, now: () => number): void {
  let latest: { readonly at: number; readonly health: Promise<Health> } | undefined
  app.get('/health/live', async () => ({ status: 'live' }))
  app.get('/health/ready', async (_request, reply) => {
    const at = now()
    // Whoever asks a thousand times a second asks the database once.
    if (!latest || Math.abs(at - latest.at) >= goodFor) latest = { at, health: look(service) }
    const current = await latest.health
    return reply.code(current.status === 'ready' ? 200 : 503).send(current)
  })
}

async function look({ database, boss, clients }: Service): Promise<Health> {
  const [ofDatabase, ofQueue] = await Promise.all([
    answers(() => database.query('select 1')),
    answers(async () => {
      if (!(await boss.getQueue(runsQueue))) throw new Error('It is not there.')
    }),
  ])
  const checks = { database: ofDatabase, queue: ofQueue, disk: room(clients.folder), workspaces: reach(clients.folder) }
  return { status: Object.values(checks).every((check) => check === 'ok') ? 'ready' : 'not ready', checks }
}

async function answers(ask: () => Promise<unknown>): Promise<Check> {
  const late = Promise.withResolvers<Check>()
  const timer = setTimeout(() => late.resolve('it does not answer'), answerWithin)
  try {
    const answer = ask().then(
      () => 'ok',
      () => 'it cannot be reached',
    )
    return await Promise.race([answer, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

function room(folder: string): Check {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize >= leastRoom ? 'ok' : 'it is nearly full'
  } catch {
    return 'it cannot be reached' // whatever hinders it: the check of the workspaces tells
  }
}

function reach(folder: string): Check {
  try {
    accessSync(folder, constants.R_OK | constants.X_OK)
    return 'ok'
  } catch {
    return 'the folder cannot be read' // why is for the log of the system, not for anybody who asks
  }
}
