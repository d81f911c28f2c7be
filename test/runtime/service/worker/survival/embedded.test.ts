import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiClient, createApiClient } from '../../../../../runtime/client/client.ts'
import { writeLightClient } from '../../../../fixtures/light-client.ts'
import { newEmbedded } from '../../../../fixtures/new-embedded.ts'
import { type PolkuProcess, startPolku } from '../../../../fixtures/polku-process.ts'
import { open, reached, writeGated } from './gated.ts'

// `polku serve` as a person starts it, ended in the middle of a run in one way or another and started again.

describe('a service on the embedded database', () => {
  const folder = mkdtempSync(join(tmpdir(), 'polku-survival-'))
  const root = writeLightClient(folder, 'first')
  writeGated(root)
  let service: PolkuProcess
  let token: string | undefined
  let address = ''
  let api: ApiClient

  const start = async (): Promise<void> => {
    const tokenIn = /polku_[\w-]{43}/
    const isReady = (printed: string) => /Polku serves/.test(printed) && (token !== undefined || tokenIn.test(printed))
    service = startPolku(['serve', '--workspaces', folder, '--port', '0'], isReady)
    const printed = await service.ready
    token ??= tokenIn.exec(printed)?.[0]
    address = /Polku serves .* at (\S+)/.exec(printed)?.[1] ?? ''
    api = createApiClient({ url: address, token })
  }
  const look = (run: string) => api.getRun({ params: { client: 'first', run } })

  /** The event that ends a run: its events are heard from the first on. */
  const endOf = async (run: string): Promise<string | undefined> => {
    for await (const { event } of api.watchRun({ params: { client: 'first', run } }))
      if (/^run (done|failed|stopped|cancelled)$/.test(event)) return event
    return undefined
  }

  beforeAll(start)
  afterAll(async () => {
    await service.end('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  test('that is killed goes on at its next start with the run where it was', async () => {
    const body = { flow: 'gated', params: { gate: 'north' }, idempotencyKey: 'north' }
    const { id: run } = await api.startRun({ params: { client: 'first' }, body })
    await reached(root, 'north')
    await service.end('SIGKILL')
    await start()
    open(root, 'north')
    expect(await endOf(run)).toBe('run done')
    const { attempts, steps } = await look(run)
    expect(attempts).toBe(2)
    expect(steps.map(({ cached }) => cached)).toEqual([true, true, false, false])
    expect((await api.startRun({ params: { client: 'first' }, body })).id).toBe(run)
  })

  test.each([
    ['an address that is taken', 'ADDRESS_TAKEN', () => ['--port', new URL(address).port]],
    ['a sign-in that is not described', 'OPENID', () => ['--port', '0', '--openid', join(folder, 'nowhere.yaml')]],
    ['an address for browsers that is none', 'USAGE', () => ['--port', '0', '--url', 'polku.example']],
  ])('that cannot be served for %s says so and ends', async (_, code, options) => {
    const other = mkdtempSync(join(tmpdir(), 'polku-refused-'))
    await newEmbedded(join(other, '.polku'))
    const refused = startPolku(['serve', '--workspaces', other, ...options()], () => false)
    await expect(refused.ready).rejects.toThrow(code)
    rmSync(other, { recursive: true })
  })

  test('that is asked to end does so at once where nothing goes on', async () => {
    expect(await service.end('SIGTERM')).toBe(0)
    await start()
  })
})
