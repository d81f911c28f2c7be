// Slow: needs root, which alone may mount a small disk.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listIncidents } from '../../../../runtime/service/events/events.ts'
import { type TestApp, testApp } from '../../../fixtures/app.ts'
import { runRequest, type TestService, testService, whenRun } from '../../../fixtures/service.ts'

// A real small disk: only root may mount one.

const command = (name: string, ...options: readonly string[]): boolean => spawnSync(name, options).status === 0
const mount = (folder: string, kilobytes: number): boolean =>
  command('mount', '-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder)

const mountable = ((): boolean => {
  const folder = mkdtempSync(join(tmpdir(), 'polku-mount-'))
  const mounted = mount(folder, 64)
  if (mounted) command('umount', folder)
  rmSync(folder, { recursive: true })
  return mounted
})()
if (!mountable) console.log('The tests of a full disk skip: mounting a tmpfs takes root.')

/** Takes all the room there is. Gives what makes room again. */
function fill(disk: string): () => void {
  const filler = join(disk, 'filler')
  const { bavail, bsize } = statfsSync(disk)
  try {
    writeFileSync(filler, Buffer.alloc(bavail * bsize))
  } catch (error) {
    // Somebody else took a part of it meanwhile: it is full all the same.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  }
  return () => rmSync(filler)
}

describe.skipIf(!mountable)('a service whose database has a full disk', () => {
  let tried: TestApp
  let disk: string
  beforeAll(async () => {
    disk = mkdtempSync(join(tmpdir(), 'polku-database-disk-'))
    expect(mount(disk, 160_000)).toBe(true)
    tried = await testApp(['first'], { slots: 1, data: disk })
  })
  afterAll(async () => {
    await tried.end()
    command('umount', '-l', disk)
    rmSync(disk, { recursive: true, force: true })
  })

  const request = () => tried.ask('POST', '/api/clients/first/runs', { body: { flow: 'two' } })

  test('refuses what it cannot keep, and does what it took once there is room', async () => {
    const free = fill(disk)
    const passed: string[] = []
    let answer = await request()
    for (; answer.status === 202; answer = await request()) passed.push(answer.body.id)
    expect(answer).toMatchObject({ status: 507, body: { code: 'DISK_FULL' } })
    free()
    answer = await request()
    expect(answer.status).toBe(202)
    for (const id of [...passed, String(answer.body.id)])
      expect(await whenRun(tried, { client: 'first', id })).toMatchObject({ state: 'done' })
  })
})

describe.skipIf(!mountable)('a client whose disk is full', () => {
  let tried: TestService
  let disk: string
  beforeAll(async () => {
    tried = await testService(['first', 'second'], { slots: 1 })
    disk = join(tried.folder, 'first', '.polku')
    mkdirSync(disk, { recursive: true })
    expect(mount(disk, 16_000)).toBe(true)
  })
  afterAll(async () => {
    await tried.service.stop(5000)
    command('umount', '-l', disk)
    await tried.end().catch(() => {}) // it has stopped already; what is left is its folder
    rmSync(tried.folder, { recursive: true, force: true })
  })

  const run = async (client: string) =>
    whenRun(tried, (await tried.service.queue.request(runRequest('two', { client, params: { add: 3 } }))).run)
  const open = async () =>
    (await listIncidents(tried.service.database, { clients: undefined, open: true, before: undefined, limit: 9 })).map(
      ({ client, kind, detail }) => [client, kind, detail.problem?.code],
    )

  test('has its runs fail and told, hinders no other client, and goes on once there is room', async () => {
    const free = fill(disk)
    expect(await run('first')).toMatchObject({ state: 'failed', problem: { code: 'DISK_FULL' } })
    expect((await run('second')).state).toBe('done')
    expect(await open()).toEqual([['first', 'run failed', 'DISK_FULL']])
    free()
    expect((await run('first')).state).toBe('done')
    expect(await open()).toEqual([])
  })
})
