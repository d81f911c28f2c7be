// Slow: runs again on PostgreSQL.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Service, startService } from '../../../../../runtime/service/service.ts'
import { databases, type TestDatabase } from '../../../../fixtures/databases.ts'
import { writeLightClient } from '../../../../fixtures/light-client.ts'
import { newEmbedded } from '../../../../fixtures/new-embedded.ts'
import { runRequest, whenRun } from '../../../../fixtures/service.ts'
import { open, reached, writeGated } from './gated.ts'

describe.each(databases)('on $name, a service that is asked to end', ({ open: openDatabase }) => {
  const folder = mkdtempSync(join(tmpdir(), 'polku-stopping-'))
  const root = writeLightClient(folder, 'first')
  writeGated(root)
  let database: TestDatabase
  let options: Awaited<ReturnType<TestDatabase['options']>>
  let service: Service
  let handedOver: PromiseWithResolvers<void>

  const start = async (): Promise<void> => {
    handedOver = Promise.withResolvers<void>()
    const info = (_: object, message: string) => message === 'runs are handed over' && handedOver.resolve()
    const log = { info, warn() {}, error() {} }
    service = await startService({
      ...{ workspaces: folder, data: join(folder, '.polku'), slots: 2, memory: 2 ** 30, log },
      ...options,
    })
  }
  beforeAll(async () => {
    database = await openDatabase()
    options = await database.options()
    if (options.database === undefined) await newEmbedded(join(folder, '.polku'))
    await start()
  })
  afterAll(async () => {
    await service.stop(5000)
    await database.end()
    rmSync(folder, { recursive: true, force: true })
  })

  /** A run that has come to a gate. */
  const begin = async (gate: string) => {
    const { run } = await service.queue.request(runRequest('gated', { params: { gate } }))
    await reached(root, gate)
    return run
  }

  test('lets a step end, and hands the rest of its run over', async () => {
    const run = await begin('east')
    const stopped = service.stop(60_000)
    await handedOver.promise
    open(root, 'east')
    await stopped
    await start()
    expect(await service.queue.get('first', run.id)).not.toMatchObject({ state: 'done' })
    const ended = await whenRun({ service }, run)
    expect(ended).toMatchObject({ state: 'done', attempts: 2 })
    expect(ended.progress?.map(({ cached }) => cached)).toEqual([true, true, true, false])
  })

  test('waits for no step longer than its limit', async () => {
    const run = await begin('west')
    await service.stop(100)
    await start()
    open(root, 'west')
    const ended = await whenRun({ service }, run)
    expect(ended).toMatchObject({ state: 'done', attempts: 2 })
    // What comes after the gate is the same as in the run before.
    expect(ended.progress?.map(({ cached }) => cached)).toEqual([true, true, false, true])
  })
})
