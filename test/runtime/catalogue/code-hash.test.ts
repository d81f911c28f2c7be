import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Catalogue } from '../../../runtime/catalogue/catalogue.ts'
import { cellsHash, nodeCode } from '../../../runtime/catalogue/code-hash.ts'
import { needsParser } from '../../../runtime/catalogue/references.ts'

const top = mkdtempSync(join(tmpdir(), 'polku-code-'))
afterAll(() => rmSync(top, { recursive: true, force: true }))

let count = 0

/** A workspace of these files. */
function workspace(files: Readonly<Record<string, string>>) {
  count += 1
  const root = join(top, `w ${count}`)
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  for (const [file, text] of Object.entries(files)) write(file, text)
  return { root, write, hash: () => nodeCode(join(root, entry)).hash }
}

const entry = 'nodes/enrich/mine/mine.ts'
const shared = (name: string) => `nodes/shared/${name}`

// Each names a file that lies outside of the node's folder.
const forms: readonly (readonly [form: string, text: string, file: string])[] = [
  ['a plain import', "import { f } from '../../shared/a.ts'\n", 'a.ts'],
  ['an import of several lines', "import {\n  f,\n  g,\n} from '../../shared/a.ts'\n", 'a.ts'],
  ['an import in double quotes', 'import { f } from "../../shared/a.ts";\n', 'a.ts'],
  ['an import for its effect', "import '../../shared/a.ts'\n", 'a.ts'],
  ['an import of everything', "import * as f from '../../shared/a.ts'\n", 'a.ts'],
  ['a second import on a line', "import 'node:fs'; import { f } from '../../shared/a.ts'\n", 'a.ts'],
  ['an import right after another', "import x from 'node:fs';import{f}from'../../shared/a.ts'\n", 'a.ts'],
  ['an import after a comment', "/* first */ import { f } from '../../shared/a.ts'\n", 'a.ts'],
  ['a comment within an import', "import { f } from /* 'a' */ '../../shared/a.ts'\n", 'a.ts'],
  ['a comment behind import', "import/* x */{ f } from '../../shared/a.ts'\n", 'a.ts'],
  ['a comment of a line within an import', "import { f } from // don't\n  '../../shared/a.ts'\n", 'a.ts'],
  ['an import after division', 'const x = a! / b; const y = c / d\nimport "../../shared/a.ts"\n', 'a.ts'],
  ['an import without an ending', "import { f } from '../../shared/a'\n", 'a.ts'],
  ['an import with a query', "import { f } from '../../shared/a.ts?x=1'\n", 'a.ts'],
  ['an escape in an import', "import { f } from '../../sh\\u0061red/a.ts'\n", 'a.ts'],
  ['an escape at its beginning', "import { f } from '\\x2e\\x2e/../shared/a.ts'\n", 'a.ts'],
  ['an export of all', "export * from '../../shared/a.ts'\n", 'a.ts'],
  ['an export of one', "export { f } from '../../shared/a.ts'\n", 'a.ts'],
  ['a dynamic import', "const { f } = await import('../../shared/a.ts')\n", 'a.ts'],
  ['a dynamic import in a function', "const f = () =>\n  import(\n    '../../shared/a.ts'\n  )\n", 'a.ts'],
  ['a dynamic import with a comment', "await import(/* x */ '../../shared/a.ts')\n", 'a.ts'],
  ['a dynamic import of a template', 'await import(`../../shared/a.ts`)\n', 'a.ts'],
  ['a dynamic import that is computed', "const name = 'a'\nawait import('../../shared/' + name + '.ts')\n", 'a.ts'],
  ['a dynamic import of a variable', 'const load = (name) => import(name)\n', 'a.ts'],
  ['a template with a name in it', 'await import(`../../shared/${name}.ts`)\n', 'a.ts'],
  ['JSON', "import f from '../../shared/a.json' with { type: 'json' }\n", 'a.json'],
  ['require', "const { f } = require('../../shared/a.cjs')\n", 'a.cjs'],
  [
    'createRequire',
    "import { createRequire } from 'node:module'\ncreateRequire(import.meta.url)('../../shared/a.cjs')\n",
    'a.cjs',
  ],
  [
    'what createRequire gives, by another name and without an ending',
    "import { createRequire as make } from 'node:module'\nconst load = make(import.meta.url)\nload('../../shared/a')\n",
    'a.cjs',
  ],
  ['a file that is read', "readFileSync(new URL('../../shared/a.csv', import.meta.url))\n", 'a.csv'],
  ['a file in a folder above', "readFileSync(join(import.meta.dirname, '..', '..', 'shared', 'a.sql'))\n", 'a.sql'],
]

describe('the code of a node changes with', () => {
  test.each(forms)('%s', (_, text, file) => {
    const { write, hash } = workspace({ [entry]: text, [shared(file)]: '1' })
    const before = hash()
    expect(hash()).toBe(before)
    write(shared(file), '2')
    expect(hash()).not.toBe(before)
  })

  test('what its imports import, to the end', () => {
    const { write, hash } = workspace({
      [entry]: "await import('./inner/one.ts')\n",
      'nodes/enrich/mine/inner/one.ts': "import { two } from '../../../shared/two.ts'\n",
      [shared('two.ts')]: "export const two = () => import('./three.ts')\n",
      [shared('three.ts')]: "import './two.ts'\n",
    })
    const before = hash()
    write(shared('three.ts'), '// edited\n')
    expect(hash()).not.toBe(before)
  })

  test.each(['rules.json', 'query.sql', 'data/names.csv', 'helper.cjs', 'no-ending'])(
    'the file %s of its folder, which no text names',
    (file) => {
      const { root, write, hash } = workspace({ [entry]: '', [`nodes/enrich/mine/${file}`]: '1' })
      const before = hash()
      write(`nodes/enrich/mine/${file}`, '2')
      const after = hash()
      expect(after).not.toBe(before)
      rmSync(join(root, 'nodes/enrich/mine', file))
      expect(hash()).not.toBe(after)
      expect(hash()).not.toBe(before)
    },
  )

  test('a file that a link in its folder leads to', () => {
    const { root, write, hash } = workspace({ [entry]: '', 'data/names.csv': '1' })
    symlinkSync(join(root, 'data'), join(root, 'nodes/enrich/mine/data'))
    symlinkSync(join(root, 'nodes/enrich/mine'), join(root, 'nodes/enrich/mine/circle'))
    const before = hash()
    write('data/names.csv', '2')
    expect(hash()).not.toBe(before)
  })

  test.each(["import { f } from 'a-package'\n", "await import('a-package/inner')\n", "require('a-package')\n"])(
    'the version of a package: %s',
    (text) => {
      const declaration = 'node_modules/a-package/package.json'
      const { write, hash } = workspace({ [entry]: text, [declaration]: '{"version":"1.0.0"}' })
      const before = hash()
      write(declaration, '{"version":"1.0.1"}')
      expect(hash()).not.toBe(before)
    },
  )

  test('the files of a package that is linked from elsewhere', () => {
    const { root, write, hash } = workspace({
      [entry]: "import { f } from '@our/package'\n",
      'packages/ours/package.json': '{"version":"1.0.0"}',
      'packages/ours/index.js': '1',
    })
    mkdirSync(join(root, 'node_modules/@our'), { recursive: true })
    symlinkSync(join(root, 'packages/ours'), join(root, 'node_modules/@our/package'))
    const before = hash()
    write('packages/ours/index.js', '2')
    expect(hash()).not.toBe(before)
  })
})

describe('the code of a node does not change with', () => {
  test.each([
    'nodes/enrich/mine/cases/one/case.yaml',
    'nodes/enrich/other/other.ts',
    'data/a.csv',
    'nodes/enrich/mine/.x',
  ])('%s', (file) => {
    const text = "import { sql } from 'polku/sql'\nawait import('./words.ts')\n"
    const { write, hash } = workspace({ [entry]: text, 'nodes/enrich/mine/words.ts': '', [file]: '1' })
    const before = hash()
    write(file, '2')
    expect(hash()).toBe(before)
  })

  test('where its workspace lies', () => {
    const files = {
      [entry]: "import { f } from '../../shared/a.ts'\nimport { sql } from 'polku/sql'\n",
      [shared('a.ts')]: '1',
    }
    expect(workspace(files).hash()).toBe(workspace(files).hash())
  })
})

describe('the code of cells', () => {
  test('changes with the modules that they load, not with files that they write', () => {
    const { root, write } = workspace({ 'notebooks/helper.ts': '1', 'notebooks/out.json': '1' })
    const cells = "const { f } = await import('./helper')\nwriteFileSync('./out.json', '{}')"
    const hash = () => cellsHash(join(root, 'notebooks/score.ipynb'), cells)
    const before = hash()
    write('notebooks/out.json', '2')
    expect(hash()).toBe(before)
    write('notebooks/helper.ts', '2')
    expect(hash()).not.toBe(before)
  })
})

test('no node of Polku’s needs the parser to be loaded, which takes longer than a light step', () => {
  const catalogue = new Catalogue()
  const files = new Set(catalogue.names.flatMap((name) => nodeCode(catalogue.file(name)).files))
  expect(files.size).toBeGreaterThan(100)
  expect([...files].filter((file) => file.endsWith('.ts') && needsParser(readFileSync(file, 'utf8')))).toEqual([])
})

// How a module names a file by where it lies itself.
const ownPaths: readonly (readonly [form: string, expression: string])[] = [
  ['a joined name', "join(import.meta.dirname, 'h.json')"],
  ['a name of one level up', "join(import.meta.dirname, '..', 'lib', 'h.json')"],
  ['an address', "new URL('h.json', import.meta.url)"],
  ['a template', '`$' + '{import.meta.dirname}/h.json`'],
  ['an addition', "import.meta.dirname + '/h.json'"],
  ['a template with a way up', '`$' + '{import.meta.dirname}/../../lib/h.json`'],
  ['a folder from the address', "join(dirname(fileURLToPath(import.meta.url)), 'h.json')"],
  ['a folder whose files are listed', 'import.meta.dirname'],
]

describe.each(['nodes/lib', 'lib'])('a helper in %s', (folder) => {
  test.each(ownPaths)('reads %s', (_, expression) => {
    const files = {
      [entry]: `import { f } from '${folder === 'lib' ? '../../../lib' : '../../lib'}/a.ts'\n`,
      [`${folder}/a.ts`]: `export const f = read(${expression.replace('/../../lib', folder === 'lib' ? '/../lib' : '/../../nodes/lib')})\n`,
      [`${folder}/h.json`]: '1',
    }
    const { write, hash } = workspace(files)
    const before = hash()
    write(`${folder}/h.json`, '2')
    expect(hash()).not.toBe(before)
  })
})

test.each([
  ['joined', "join(import.meta.dirname, '..', '..', '..', 'data', 'h.ts')"],
  ['within a folder', "join(import.meta.dirname, '../../../data', name)"],
  ['within the address of a folder', "new URL(name, new URL('../../../data/', import.meta.url))"],
  ['a template', 'new URL(`../../../data/$' + '{name}`, import.meta.url)'],
  ['an import that is computed', "import('../../../data/' + name)"],
])('a file of the workspace outside of nodes/: %s', (_, expression) => {
  const { write, hash } = workspace({ [entry]: `export const f = read(${expression})\n`, 'data/h.ts': '1' })
  const before = hash()
  write('data/h.ts', '2')
  expect(hash()).not.toBe(before)
})

test.each([
  ['a name with an escape', "import '../../shared/a%20b.ts'\n", shared('a b.ts')],
  ['a hidden file beside the node', "read(join(import.meta.dirname, '.h.json'))\n", 'nodes/enrich/mine/.h.json'],
  ['a private name of the package', "import '#h'\n", 'src/h.ts'],
])('%s', (_, text, file) => {
  const { write, hash } = workspace({ 'package.json': '{"imports":{"#h":"./src/h.ts"}}', [entry]: text, [file]: '1' })
  const before = hash()
  write(file, '2')
  expect(hash()).not.toBe(before)
})

test('what a linked module imports lies beside what it is a link to', () => {
  const { root, write, hash } = workspace({
    [entry]: "import './a.ts'\n",
    'real/a.ts': "import './h.ts'\n",
    'real/h.ts': '1',
  })
  symlinkSync(join(root, 'real/a.ts'), join(root, 'nodes/enrich/mine/a.ts'))
  const before = hash()
  write('real/h.ts', '2')
  expect(hash()).not.toBe(before)
})
