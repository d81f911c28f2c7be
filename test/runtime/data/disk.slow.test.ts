// Slow: needs root, which alone may mount a small disk.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openEngine } from '../../../runtime/notebook/step/provider.ts'
import { cachedSteps, campaignFlow, runFlow, staleTemporary, writeFlow } from '../engine.ts'

// Real small disks and real read-only ones: only root may mount them.

const command = (name: string, ...words: readonly string[]): boolean => spawnSync(name, words).status === 0

const mountable = ((): boolean => {
  const folder = mkdtempSync(join(tmpdir(), 'polku-mount-'))
  const mounted = command('mount', '-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder)
  if (mounted) command('umount', folder)
  rmSync(folder, { recursive: true })
  return mounted
})()
if (!mountable) console.log('The tests of full and read-only disks skip: mounting a tmpfs takes root.')

async function withDisk(kilobytes: number, work: (root: string) => Promise<void>): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'polku-disk-'))
  expect(command('mount', '-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', root)).toBe(true)
  try {
    cpSync(join(import.meta.dirname, '..', '..', 'fixtures', 'workspace'), root, { recursive: true })
    await work(root)
  } finally {
    command('umount', '-l', root)
    rmSync(root, { recursive: true })
  }
}

const many =
  'flow: many\nsteps:\n  orders: { uses: import/rows, with: { path: data/orders.csv } }\n  many: { uses: import/rows, with: { path: data/many.csv } }\n'

/** Fills the disk but for some kilobytes. */
function fill(root: string, kilobytes: number): void {
  const { bavail, bsize } = statfsSync(root)
  writeFileSync(join(root, 'data', 'filler'), Buffer.alloc(Math.max(0, bavail * bsize - kilobytes * 1024)))
}

describe.skipIf(!mountable)('a full disk', () => {
  test('stops the step that met it, keeps what was finished, and is no hindrance once there is room', () =>
    withDisk(24_000, async (root) => {
      // 200,000 different rows make some megabytes of Parquet.
      const rows = Array.from({ length: 200_000 }, (_, index) => `${index},${Math.imul(index, 2654435761) >>> 0}\n`)
      writeFileSync(join(root, 'data', 'many.csv'), `customer_id,amount\n${rows.join('')}`)
      writeFlow(root, many, 'many')
      mkdirSync(join(root, '.polku'))
      fill(root, 1200)
      const record = await runFlow(root, { flow: 'many' })
      expect(record.status).toBe('failed')
      expect(record.steps.map((step) => step.status)).toEqual(['done', 'failed'])
      expect(record.problem).toMatchObject({ code: 'DISK_FULL', step: 'many', line: 4 })
      expect(record.problem?.expected).toContain('Free some space')
      expect(staleTemporary(root)).toEqual([])
      expect(readdirSync(join(root, '.polku', 'artifacts'))).toHaveLength(1)
      rmSync(join(root, 'data', 'filler'))
      const again = await runFlow(root, { flow: 'many', resume: record.run })
      expect(again.status).toBe('done')
      expect(cachedSteps(again)).toEqual(['orders'])
    }))

  // Wherever the last byte is taken: the error says so, and nothing half-written stays at its place.
  test.each([0, 4, 8, 16, 24, 32, 48, 64, 80, 100, 160, 240, 400, 800])(
    'with %i kB left is told as what it is',
    (left) =>
      withDisk(8_000, async (root) => {
        writeFlow(root, campaignFlow)
        mkdirSync(join(root, '.polku'))
        fill(root, left)
        const outcome = await runFlow(root).then(
          (record) => record.problem ?? 'done',
          (error: unknown) => error,
        )
        if (left < 80) expect(outcome).toMatchObject({ code: 'DISK_FULL' })
        else if (outcome !== 'done') expect(outcome).toMatchObject({ code: 'DISK_FULL' })
        expect(staleTemporary(root)).toEqual([])
        rmSync(join(root, 'data', 'filler'))
        const record = await runFlow(root)
        expect(record.status).toBe('done')
        expect(record.steps.at(-1)?.outputs[0]?.rows).toBe(6)
        expect(readdirSync(join(root, 'exports'))).toEqual(['contacts.csv'])
      }),
  )
})

describe.skipIf(!mountable)('a workspace that cannot be written', () => {
  const readOnly = (prepare: (root: string) => Promise<unknown>) =>
    withDisk(8_000, async (root) => {
      writeFlow(root, campaignFlow)
      await prepare(root)
      expect(command('mount', '-o', 'remount,ro', root)).toBe(true)
      await expect(openEngine(root)).rejects.toMatchObject({
        code: 'WORKSPACE_NOT_WRITABLE',
        message: expect.stringContaining(root),
      })
    })

  test('is told at once', () => readOnly(async () => {}))
  test('is told at once where there were runs before', () => readOnly((root) => runFlow(root)))
})
