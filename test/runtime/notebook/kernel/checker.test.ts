import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectRoot } from '../../../../runtime/data/installation.ts'
import { Checker } from '../../../../runtime/notebook/kernel/checker.ts'
import { readySnapshot } from '../../../../runtime/notebook/kernel/compiler/snapshot.ts'

const builder = join(projectRoot, 'runtime', 'notebook', 'kernel', 'compiler', 'build-snapshot.ts')
const folder = mkdtempSync(join(tmpdir(), 'polku-checker-'))
beforeAll(() => {
  // Makes nothing where it is made.
  const built = spawnSync(process.execPath, [builder], { encoding: 'utf8' })
  expect(built.status, built.stderr).toBe(0)
})
afterAll(() => rmSync(folder, { recursive: true }))

const cells = [
  "import * as tf from '@tensorflow/tfjs'\nlet loss: number = tf.tensor([1]).size",
  "import { open } from 'polku'\nconst workspace = await open()\nloss = await workspace.segment.rfm({}, { clases: 1 })",
  'type Row = { city: string }\nconst rows: Row[] = [{ city: 1 }]',
  'display.html(4)',
  'loss.',
]

async function answers(checker: Checker): Promise<unknown[]> {
  const results: unknown[] = []
  for (const [index, code] of cells.entries()) {
    const cell = `cell ${index + 1}`
    results.push(await checker.compile({ cell, code, check: true }))
    await checker.publish(cell, index === 0 ? ['tf', 'loss'] : [])
  }
  const code = 'tf.layers.dens'
  results.push(await checker.assist({ type: 'complete', code, position: code.length }))
  results.push(await checker.assist({ type: 'inspect', code: 'loss', position: 2 }))
  return results
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
  })

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
  })

  test('says that it is gone to whoever asks', async () => {
    const checker = new Checker(false, readySnapshot())
    const code = 'const n = 1'
    await checker.compile({ cell: 'cell 1', code, check: false })
    const compiled = checker.compile({ cell: 'cell 2', code, check: true })
    checker.close()
    await expect(compiled).rejects.toThrow(/^The type checker died: it was ended by SIGKILL/)
    await expect(checker.compile({ cell: 'cell 3', code, check: true })).rejects.toThrow(/died/)
  })
})

describe('a checker that ends', () => {
  const fault = { faults: [expect.objectContaining({ code: 2322 })] }
  const declare = async (checker: Checker) => {
    const code = 'let kept: number = 1; interface Row { id: number }'
    await checker.compile({ cell: 'cell 1', code, check: true })
    await checker.publish('cell 1', ['kept'])
  }

  test('over a cell lets it run unchecked, and knows the session again', async () => {
    const before = checkerProcesses()
    const checker = new Checker(false, readySnapshot())
    try {
      await declare(checker)
      const [mine = 0] = checkerProcesses().filter((pid) => !before.includes(pid))
      const compiled = checker.compile({ cell: 'cell 2', code: 'const n: number = kept', check: true })
      const next = checker.compile({ cell: 'cell 3', code: 'const row: Row = { id: "" }', check: true })
      process.kill(mine, 'SIGKILL')
      expect(await compiled).toMatchObject({ faults: [], unchecked: 'it was ended by SIGKILL.' })
      expect((await compiled).script).toContain('scope.kept')
      expect(await next).toEqual(fault)
      expect(await checker.compile({ cell: 'cell 4', code: 'kept = ""', check: true })).toEqual(fault)
    } finally {
      checker.close()
    }
  })

  test('because nobody waits for it takes up the next cell', async () => {
    const checker = new Checker(false, readySnapshot())
    try {
      await declare(checker)
      const compiled = checker.compile({ cell: 'cell 2', code: 'import "typescript"', check: true })
      checker.abandon()
      await expect(compiled).rejects.toThrow('it was interrupted. It is started anew.')
      expect(await checker.compile({ cell: 'cell 3', code: 'kept = ""', check: true })).toEqual(fault)
    } finally {
      checker.close()
    }
  })
})

/** The numbers of this process's type checkers. */
const checkerProcesses = (): number[] =>
  readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
        return parent === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--snapshot-blob')
      } catch {
        return false // it ended while one looked
      }
    })
    .map(Number)
