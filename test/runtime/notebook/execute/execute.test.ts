import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { metadataPart } from '../../../../runtime/notebook/nbformat/cells.ts'
import { hangs } from '../../../fixtures/hangs.ts'
import { Bench, processesOf, withinTime } from '../running.ts'

let bench: Bench
beforeEach(() => {
  bench = new Bench()
})
afterEach(() => {
  bench.remove()
  // A kernel's connection file goes with it, however it ends.
  const left = readdirSync(tmpdir()).filter((name) => name.startsWith('polku-kernel-'))
  expect(
    left.filter((name) => readFileSync(`${tmpdir()}/${name}/connection.json`, 'utf8').includes(bench.folder)),
  ).toEqual([])
})

const kernelRan = () => readdirSync(bench.folder).includes('ran')

describe('before a kernel starts', () => {
  beforeEach(() => bench.install('marker', ['/bin/sh', '-c', `touch ${bench.folder}/ran`]))

  test.each([
    [{ params: { m: '1' } }, 'The notebook has no parameter m.'],
    [{ params: { n: 'x' } }, 'The parameter n is "x".'],
    [{ kernel: 'markr' }, 'There is no kernel markr.'],
  ])('%j is refused, and nothing is written', async (request, message) => {
    bench.write('marker', [{ source: 'n = 1', tags: ['parameters'] }])
    const { problem, notebook } = await bench.run(request)
    expect(problem?.message).toBe(message)
    expect(notebook).toBeUndefined()
    expect(kernelRan()).toBe(false)
  })

  test('the notebook itself is never written over, not even through a link', async () => {
    bench.write('marker', ['n'])
    const before = readFileSync(bench.file, 'utf8')
    symlinkSync(bench.file, `${bench.folder}/link.ipynb`)
    for (const out of [bench.file, `${bench.folder}/link.ipynb`])
      expect((await bench.run({ out })).problem).toMatchObject({ code: 'USAGE' })
    expect(readFileSync(bench.file, 'utf8')).toBe(before)
    expect(kernelRan()).toBe(false)
  })
})

describe('a kernel', () => {
  test('that dies at its start is told with what it said', async () => {
    bench.install('dying', ['/bin/sh', '-c', 'echo no such module >&2; exit 3'])
    bench.write('dying', ['1'])
    const { problem } = await bench.run()
    expect(problem?.code).toBe('KERNEL_START')
    expect(problem?.message).toMatch(/code 3.*no such module/s)
  })

  test('whose command is missing is told', async () => {
    bench.install('absent', ['/no/such/command'])
    bench.write('absent', ['1'])
    expect((await bench.run()).problem).toMatchObject({
      code: 'KERNEL_START',
      message: expect.stringMatching(/ENOENT/),
    })
  })

  test.skipIf(process.platform !== 'linux')(
    'that hangs at its start is given up and killed, with what it started',
    async () => {
      bench.install('hanging', ['/bin/sh', '-c', `echo $$ > ${bench.folder}/pid; sleep 1000; true`])
      bench.write('hanging', ['1'])
      const { problem, notebook } = await withinTime(
        700,
        (timeout) => bench.run({ timeout }),
        () => existsSync(`${bench.folder}/pid`),
      )
      expect(problem?.code).toBe('KERNEL_NOT_READY')
      expect(metadataPart(metadataPart(notebook?.metadata ?? {}, 'polku'), 'run')).toMatchObject({ status: 'failed' })
      const group = Number(readFileSync(`${bench.folder}/pid`, 'utf8'))
      await vi.waitUntil(() => processesOf(group).length === 0, { timeout: hangs })
    },
  )
})
