import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashText } from '../../../runtime/data/hash.ts'
import { notebookText } from '../../../runtime/notebook/nbformat/file.ts'
import { churnNotebook } from '../../fixtures/notebooks/churn-notebook.ts'
import { code, notebook, text } from '../../fixtures/notebooks/notebook.ts'
import { polku } from './polku.ts'
import { polkuHere } from './polku-here.ts'

// What is tried is the command, not the types of cells.
process.env.POLKU_KERNEL_CHECK = 'off'

let folder: string
const path = (name: string): string => join(folder, name)
const read = (name: string): string => readFileSync(path(name), 'utf8')

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'polku-render-'))
  writeFileSync(path('october.ipynb'), notebookText(churnNotebook(0)))
  writeFileSync(path('november.ipynb'), notebookText(churnNotebook(1)))
  mkdirSync(path('a folder'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('polku notebook render', () => {
  test('writes the report beside the notebook, with the hash of its bytes', async () => {
    const { code: exit, out, error } = await polku(folder, 'notebook', 'render', 'october.ipynb')
    expect(error).toBe('')
    expect(exit).toBe(0)
    expect(out).toMatch(/^Report: october\.html \(\d+\.\d.kB\)\n$/)
    expect(read('october.html')).toContain(hashText(read('october.ipynb')))
  })

  test.each([
    ['a name that is none', ['octobr.ipynb'], 1, /FILE_NOT_FOUND[\s\S]*Did you mean october\.ipynb/],
    ['a folder', ['a folder'], 1, /FILE_UNREADABLE/],
    [
      'the notebook itself as the report',
      ['october.ipynb', '--out', './october.ipynb'],
      2,
      /would overwrite the notebook/,
    ],
    ['a folder as the report', ['october.ipynb', '--out', 'a folder'], 2, /is a folder/],
    ['nothing', [], 2, /missing required argument/],
  ])('refuses %s', async (_, words, exit, said) => {
    const before = read('october.ipynb')
    const answer = await polkuHere(folder, 'notebook', 'render', ...words)
    expect(answer.code).toBe(exit)
    expect(answer.error).toMatch(said)
    expect(answer.error).not.toContain('INTERNAL')
    expect(read('october.ipynb')).toBe(before)
  })

  test.each([
    ['no JSON', 'hello', /NOTEBOOK_INVALID/],
    ['another object', '{"a": 1}', /NOTEBOOK_INVALID/],
    ['an old notebook', '{"nbformat": 3, "worksheets": []}', /NOTEBOOK_FORMAT/],
    ['an empty file', '', /NOTEBOOK_INVALID/],
  ])('refuses %s and writes nothing', async (_, content, said) => {
    writeFileSync(path('bad.ipynb'), content)
    const { code: exit, error } = await polkuHere(folder, 'notebook', 'render', 'bad.ipynb')
    expect(exit).toBe(1)
    expect(error).toMatch(said)
    expect(existsSync(path('bad.html'))).toBe(false)
  })
})

describe('polku report diff', () => {
  test('writes what changed beside the second', async () => {
    const { code: exit, out, error } = await polku(folder, 'report', 'diff', 'october.ipynb', 'november.ipynb')
    expect(error).toBe('')
    expect(exit).toBe(0)
    expect(out).toMatch(/^Report: october-to-november\.html \(/)
    expect(read('october-to-november.html')).toContain('What changed from A to B')
  })

  test('refuses to write over either, and what is no notebook', async () => {
    const over = await polkuHere(folder, 'report', 'diff', 'october.ipynb', 'november.ipynb', '--out', 'november.ipynb')
    expect([over.code, over.error]).toEqual([2, expect.stringContaining('would overwrite the notebook')])
    const absent = await polkuHere(folder, 'report', 'diff', 'october.ipynb', 'decembre.ipynb')
    expect([absent.code, absent.error]).toEqual([1, expect.stringContaining('FILE_NOT_FOUND')])
  })
})

test('a notebook that is run has its report beside it, also where it failed', async () => {
  const cells = [text('# Sums'), code('1 + 1'), code('throw new Error("no <sum>")')]
  writeFileSync(path('sums.ipynb'), notebookText(notebook(cells)))
  const { code: exit, out, error } = await polku(folder, 'notebook', 'run', 'sums.ipynb')
  expect(error).toContain('NOTEBOOK_CELL_FAILED')
  expect(exit).toBe(1)
  expect(out).toContain('Report: sums.run.html')
  expect(read('sums.run.html')).toContain('This notebook failed in cell 3')
  expect(read('sums.run.html')).toContain('no &lt;sum&gt;')
  const refused = await polkuHere(folder, 'notebook', 'run', 'sums.ipynb', '--out', 'other.ipynb', '--param', 'a=1')
  expect(refused.code).toBe(1)
  expect(readdirSync(folder).filter((name) => name.startsWith('other'))).toEqual([])
})
