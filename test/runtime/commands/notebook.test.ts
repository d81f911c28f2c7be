import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { notebookJson } from '../notebook/running.ts'
import { polku } from './polku.ts'
import { polkuHere } from './polku-here.ts'

// What is tried is the command, not the types of cells.
process.env.POLKU_KERNEL_CHECK = 'off'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'polku-notebook-command-'))
  writeFileSync(
    join(folder, 'sums.ipynb'),
    notebookJson('polku', [
      { source: 'const n = 1', tags: ['parameters'] },
      'console.log("\\u001b]0;title\\u0007")\nn + 1',
      'if (n > 5) throw new Error(`${n} is too much`)',
    ]),
  )
  writeFileSync(join(folder, 'old.ipynb'), '{"nbformat": 3}')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('polku notebook run', () => {
  test('shows each cell with its time and says where the outputs are', async () => {
    const { code, out, error } = await polku(folder, 'notebook', 'run', 'sums.ipynb', '--param', 'n=4')
    expect(error).toBe('')
    expect(code).toBe(0)
    expect(out).toMatch(/^ {2}1\/4 {5}const n = 1\n {2}1\/4 {5}done, \d/)
    expect(out).toMatch(/Done in .*: sums\.run\.ipynb\n$/)
    expect(JSON.parse(readFileSync(join(folder, 'sums.run.ipynb'), 'utf8')).metadata.polku.run.parameters).toEqual({
      n: 4,
    })
  })

  test('finds a notebook of the workspace by its name, from wherever', async () => {
    mkdirSync(join(folder, 'client', 'notebooks'), { recursive: true })
    writeFileSync(join(folder, 'client', 'client.yaml'), 'client: x\ntitle: X\n')
    const source = 'const where = process.env.POLKU_WORKSPACE\nwhere'
    writeFileSync(join(folder, 'client', 'notebooks', 'where.ipynb'), notebookJson('polku', [source]))
    const { code, error } = await polkuHere(folder, 'notebook', 'run', 'where', '--workspace', 'client')
    expect({ code, error }).toEqual({ code: 0, error: '' })
    const done = readFileSync(join(folder, 'client', 'notebooks', 'where.run.ipynb'), 'utf8')
    expect(done).toContain(join(folder, 'client'))
  })

  test('fails with the cell, its lines and what to do', async () => {
    const { code, error } = await polkuHere(
      folder,
      'notebook',
      'run',
      'sums.ipynb',
      '--param',
      'n=9',
      '--out',
      'made/out.ipynb',
    )
    expect(code).toBe(1)
    expect(error).toMatch(/^NOTEBOOK_CELL_FAILED {2}sums\.ipynb\n {2}Cell 4 .* failed: Error: 9 is too much\n/)
    expect(error).toMatch(/What ran before it is kept in made\/out\.ipynb/)
    expect(existsSync(join(folder, 'made', 'out.ipynb'))).toBe(true)
  })

  test.each([
    [['none.ipynb'], 1, /FILE_NOT_FOUND/],
    [['old.ipynb'], 1, /NOTEBOOK_FORMAT.*nbformat 3.*nbconvert/s],
    [['sums.ipynb', '--kernel', 'tslb'], 1, /KERNEL_UNKNOWN.*Did you mean tslab/s],
    [['sums.ipynb', '--param', 'm=1'], 1, /NOTEBOOK_PARAM_UNKNOWN.*parameter m.*n/s],
    [['sums.ipynb', '--param', 'n=x'], 1, /PARAM_INVALID.*A number/s],
    [['sums.ipynb', '--param', 'n'], 2, /--param name=value/],
    [['sums.ipynb', '--timeout', '10'], 2, /90s, 10m or 2h/],
    [['sums.ipynb', '--memory', '-1GB'], 2, /500MB or 2GB/],
    [['sums.ipynb', '--out', 'sums.ipynb'], 2, /the notebook itself/],
    [[], 2, /missing required argument/],
  ])('%j is refused with %i', async (words, expected, message) => {
    const { code, error } = await polkuHere(folder, 'notebook', 'run', ...words)
    expect(error).toMatch(message)
    expect(code).toBe(expected)
  })
})
