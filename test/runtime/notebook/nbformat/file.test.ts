import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { notebookText, readNotebook, writeNotebook } from '../../../../runtime/notebook/nbformat/file.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'polku-notebook-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = (value: unknown, name = 'given.ipynb'): string => {
  const path = join(folder, name)
  writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value))
  return path
}
const notebook = (cells: unknown[], rest: object = {}) => ({
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
  cells,
  ...rest,
})
const code = (source: unknown, outputs: unknown[] = []) => ({
  cell_type: 'code',
  id: 'one',
  metadata: {},
  source,
  outputs,
  execution_count: null,
})

describe('reading', () => {
  test('joins the lines of sources, streams and texts, and leaves JSON as it is', () => {
    const outputs = [
      { output_type: 'stream', name: 'stdout', text: ['a\n', 'b'] },
      {
        output_type: 'display_data',
        data: { 'text/html': ['<p>', '</p>'], 'application/json': ['a', 'b'], 'application/x+json': ['c'] },
        metadata: {},
      },
    ]
    const [cell] = readNotebook(file(notebook([code(['let a\n', 'a = 1'], outputs)]))).cells
    expect(cell).toMatchObject({
      source: 'let a\na = 1',
      outputs: [
        { text: 'a\nb' },
        { data: { 'text/html': '<p></p>', 'application/json': ['a', 'b'], 'application/x+json': ['c'] } },
      ],
    })
  })

  test('an older minor version gets ids that are the same each time, and unique', () => {
    const cell = { cell_type: 'markdown', metadata: {}, source: 'same' }
    const path = file(notebook([cell, cell, { ...cell, id: 'x' }, { ...cell, id: 'x' }], { nbformat_minor: 2 }))
    const ids = readNotebook(path).cells.map(({ id }) => id)
    expect(new Set(ids).size).toBe(4)
    expect(readNotebook(path).cells.map(({ id }) => id)).toEqual(ids)
    expect(readNotebook(path).nbformat_minor).toBe(5)
  })

  test.each([
    ['', 'NOTEBOOK_INVALID', /empty/],
    ['# Title', 'NOTEBOOK_INVALID', /not JSON/],
    ['[]', 'NOTEBOOK_INVALID', /not a JSON object/],
    ['{}', 'NOTEBOOK_INVALID', /does not say its nbformat/],
    [{ nbformat: 3, nbformat_minor: 0, worksheets: [] }, 'NOTEBOOK_FORMAT', /nbformat 3/],
    [{ nbformat: '4' }, 'NOTEBOOK_FORMAT', /nbformat "4"/],
    [{ nbformat: 4, metadata: {}, nbformat_minor: 5 }, 'NOTEBOOK_INVALID', /cells is missing/],
    [notebook(['text']), 'NOTEBOOK_INVALID', /cells 1 is invalid/],
    [notebook([{ cell_type: 'sql', metadata: {}, source: '' }]), 'NOTEBOOK_INVALID', /cells 1 cell_type/],
    [notebook([{ cell_type: 'code', metadata: {}, source: '' }]), 'NOTEBOOK_INVALID', /cell 1, outputs is missing/],
    [notebook([code(7)]), 'NOTEBOOK_INVALID', /cells 1 source/],
    [notebook([code('', [{ output_type: 'pyout' }])]), 'NOTEBOOK_INVALID', /pyout/],
    [notebook([code('', [{ output_type: 'constructor' }])]), 'NOTEBOOK_INVALID', /constructor/],
    [notebook([code('', [{ output_type: 'stream', name: 'stdout' }])]), 'NOTEBOOK_INVALID', /text is missing/],
  ])('%j is refused with what would be right', (content, expected, message) => {
    expect(() => readNotebook(file(content))).toThrowError(
      expect.objectContaining({ code: expected, message: expect.stringMatching(message) }),
    )
  })

  test('a missing file names the nearest notebook, and a folder is told from a file', () => {
    file(notebook([]), 'train-churn.ipynb')
    mkdirSync(join(folder, 'folder.ipynb'))
    expect(() => readNotebook(join(folder, 'train-chrn.ipynb'))).toThrowError(
      expect.objectContaining({
        code: 'FILE_NOT_FOUND',
        values: expect.objectContaining({ nearest: expect.stringContaining('train-churn.ipynb') }),
      }),
    )
    expect(() => readNotebook(join(folder, 'folder.ipynb'))).toThrowError(
      expect.objectContaining({ code: 'FILE_UNREADABLE' }),
    )
    rmSync(join(folder, 'folder.ipynb'), { recursive: true })
  })
})

describe('writing', () => {
  test('reads back the same, byte for byte, and leaves nothing else behind', () => {
    const own = readNotebook(
      file(
        notebook([
          code('a\n\nb\u2028c', [
            { output_type: 'stream', name: 'stdout', text: 'x\r\ny\n' },
            {
              output_type: 'execute_result',
              data: { 'image/png': 'aGVq\n', 'text/plain': '"ä"' },
              metadata: {},
              execution_count: 3,
            },
            { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['t'] },
          ]),
          { cell_type: 'markdown', id: 'two', metadata: { tags: ['x'] }, source: '', attachments: { 'a.png': {} } },
        ]),
      ),
    )
    const out = join(folder, 'made', 'out.ipynb')
    writeNotebook(out, own)
    expect(readNotebook(out)).toEqual(own)
    expect(notebookText(readNotebook(out))).toBe(readFileSync(out, 'utf8'))
    expect(readdirSync(join(folder, 'made'))).toEqual(['out.ipynb'])
  })

  const python = '/usr/bin/python3'
  const hasNbformat =
    existsSync(python) &&
    (() => {
      try {
        execFileSync(python, ['-c', 'import nbformat'], { stdio: 'ignore' })
        return true
      } catch {
        console.warn('Not compared with nbformat: Debian’s python3-nbformat is not here.')
        return false
      }
    })()

  test.skipIf(!hasNbformat)('is valid for Jupyter, which would write the very same file', () => {
    const out = join(folder, 'jupyter.ipynb')
    writeNotebook(
      out,
      readNotebook(file(notebook([code('const a = 1\na', [{ output_type: 'stream', name: 'stdout', text: 'ä\nb' }])]))),
    )
    const script =
      'import sys, nbformat; n = nbformat.read(sys.argv[1], 4); nbformat.validate(n); sys.stdout.write(nbformat.writes(n) + "\\n")'
    expect(execFileSync(python, ['-c', script, out], { encoding: 'utf8' })).toBe(readFileSync(out, 'utf8'))
  })
})
