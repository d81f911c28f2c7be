import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectRoot } from '../../../../runtime/config.ts'
import { Checker } from '../../../../runtime/notebook/kernel/checker.ts'
import { readySnapshot } from '../../../../runtime/notebook/kernel/compiler/snapshot.ts'

const builder = join(projectRoot, 'runtime', 'notebook', 'kernel', 'compiler', 'build-snapshot.ts')
const folder = mkdtempSync(join(tmpdir(), 'polku-checker-'))
beforeAll(() => {
  // Makes nothing where it is made.
  const built = spawnSync(process.execPath, [builder], { encoding: 'utf8' })
  expect(built.status, built.stderr).toBe(0)
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true }))

const cells = [
  "import * as tf from '@tensorflow/tfjs'\nlet loss: number = tf.tensor([1]).size",
  "import { open } from 'polku'\nconst client = await open()\nloss = await client.segment.rfm({}, { clases: 1 })",
  'type Row = { city: string }\nconst rows: Row[] = [{ city: 1 }]',
  'display.html(4)',
  'loss.',
]

async function answers(checker: Checker): Promise<unknown[]> {
  const given: unknown[] = []
  for (const [index, code] of cells.entries()) {
    const cell = `cell ${index + 1}`
    given.push(await checker.compile({ cell, code, check: true }))
    await checker.publish(cell, index === 0 ? ['tf', 'loss'] : [])
  }
  const code = 'tf.layers.dens'
  given.push(await checker.assist({ type: 'complete', code, position: code.length }))
  given.push(await checker.assist({ type: 'inspect', code: 'loss', position: 2 }))
  return given
}

describe('a checker that starts from a snapshot', () => {
  test('finds what one without finds, cell by cell', async () => {
    const ready = readySnapshot()
    expect(ready).not.toBeNull()
    const checkers = [new Checker(true, ready), new Checker(false, null)]
    try {
      const [with_, without] = await Promise.all(checkers.map(answers))
      expect(with_).toEqual(without)
      expect(without?.[0]).toMatchObject({ faults: [] })
      expect(without?.slice(1, 5)).toEqual(Array(4).fill({ faults: expect.arrayContaining([expect.anything()]) }))
    } finally {
      for (const checker of checkers) checker.close()
    }
  }, 60_000)

  test('does without where the snapshot is damaged', async () => {
    const damaged = join(folder, 'damaged.blob')
    writeFileSync(damaged, 'no snapshot')
    const checker = new Checker(false, damaged)
    try {
      expect(await checker.compile({ cell: 'cell 1', code: 'const n: number = ""', check: true })).toMatchObject({
        faults: [{ line: 1, column: 7 }],
      })
    } finally {
      checker.close()
    }
  }, 60_000)

  test('says that it is gone to whoever asks', async () => {
    const checker = new Checker(false, readySnapshot())
    const code = 'const n = 1'
    await checker.compile({ cell: 'cell 1', code, check: false })
    const asked = checker.compile({ cell: 'cell 2', code, check: true })
    checker.close()
    await expect(asked).rejects.toThrow(/^The type checker died: it was ended by SIGKILL/)
    await expect(checker.compile({ cell: 'cell 3', code, check: true })).rejects.toThrow(/died/)
  }, 60_000)
})
