import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Catalogue } from '../../../runtime/catalogue/catalogue.ts'
import { projectRoot } from '../../../runtime/data/installation.ts'
import { withWorkspace } from '../../workspace.ts'

const node = (title: string) => `import { defineNode, settings } from 'polku/node'
import { sql } from 'polku/sql'
import { summary } from './words.ts'
export default defineNode({ title: '${title}', summary, inputs: {}, params: settings({}), outputs: { rows: 'Rows' }, run: () => sql\`select 1 as x\` })
`

const write = (root: string, name: string, title: string, summary: string): void => {
  const folder = join(root, 'nodes', name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name.split('/')[1]}.ts`), node(title))
  writeFileSync(join(folder, 'words.ts'), `export const summary = '${summary}'\n`)
}

test('a client’s node that takes a name of Polku’s is refused alone, whichever flow or notebook uses it', () =>
  withWorkspace(async (root) => {
    write(root, 'segment/rfm', 'Taken', 'One.')
    write(root, 'enrich/mine', 'Mine', 'One.')
    const catalogue = new Catalogue(root)
    await expect(catalogue.load('segment/rfm')).rejects.toMatchObject({
      code: 'NODE_INVALID',
      message: expect.stringContaining('Polku has a node of that name'),
    })
    expect((await catalogue.load('segment/profile')).definition.title).not.toBe('')
    expect((await catalogue.load('enrich/mine')).definition.title).toBe('Mine')
  }))

// In a process of its own: the tests' runner reads modules in another way than Node does.
test('a node that is edited while the process runs is taken anew, with what it imports', () =>
  withWorkspace(async (root) => {
    write(root, 'enrich/mine', 'First', 'One.')
    const script = `
      import { writeFileSync } from 'node:fs'
      import { Catalogue } from ${JSON.stringify(join(projectRoot, 'runtime/catalogue/catalogue.ts'))}
      const load = async () => {
        const { definition, code } = await new Catalogue(${JSON.stringify(root)}).load('enrich/mine')
        return [definition.title, definition.summary, code]
      }
      const write = (file, text) => writeFileSync(${JSON.stringify(join(root, 'nodes/enrich/mine/'))} + file, text)
      const loaded = [await load()]
      write('words.ts', "export const summary = 'Two.'")
      loaded.push(await load())
      write('mine.ts', ${JSON.stringify(node('Second'))})
      loaded.push(await load())
      write('mine.ts', ${JSON.stringify(node('First'))})
      write('words.ts', ${JSON.stringify("export const summary = 'One.'\n")})
      loaded.push(await load())
      console.log(JSON.stringify(loaded))`
    const out = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })
    const loaded: string[][] = JSON.parse(out)
    expect(loaded.map(([title, summary]) => `${title} ${summary}`)).toEqual([
      'First One.',
      'First Two.',
      'Second Two.',
      'First One.',
    ])
    expect(new Set(loaded.map(([, , code]) => code)).size).toBe(3)
    expect(loaded[3]).toEqual(loaded[0])
  }))

// Each file beside the node gives one word, in another way than the others.
const lazy = {
  'mine.ts': `import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { defineNode, settings } from 'polku/node'
import { sql } from 'polku/sql'
import data from './data.json' with { type: 'json' }
import { deep } from './inner/words.ts'
import rules from './rules.cjs'
const load = createRequire(import.meta.url)
export default defineNode({
  title: 'Mine', summary: 'One.', inputs: {}, params: settings({}), outputs: { rows: 'Rows' },
  async run() {
    const { late } = await import('./inner/late.ts')
    const { last } = await import('./' + 'last.ts')
    const text = readFileSync(new URL('./names.csv', import.meta.url), 'utf8')
    return sql\`select \${[data.word, deep, rules.word, late, last, load('./other.cjs').word, text].join(' ')}\`
  },
})
`,
  'data.json': '{"word":"1"}',
  'inner/words.ts': "export { deep } from '../deep.ts'\n",
  'deep.ts': "export const deep = '1'\n",
  'rules.cjs': "exports.word = '1'\n",
  'inner/late.ts': "const { word } = await import('./later.ts')\nexport const late = word\n",
  'inner/later.ts': "export const word = '1'\n",
  'last.ts': "export const last = '1'\n",
  'other.cjs': "exports.word = require('./another.cjs')\n",
  'another.cjs': "module.exports = '1'\n",
  'names.csv': '1',
}

test('whatever a node uses in its work is read anew when it is edited while the process runs', () =>
  withWorkspace(async (root) => {
    const folder = join(root, 'nodes/enrich/mine')
    mkdirSync(join(folder, 'inner'), { recursive: true })
    for (const [file, text] of Object.entries(lazy)) writeFileSync(join(folder, file), text)
    const script = `
      import { readFileSync, writeFileSync } from 'node:fs'
      import { Catalogue } from ${JSON.stringify(join(projectRoot, 'runtime/catalogue/catalogue.ts'))}
      const load = async () => {
        const { definition, code } = await new Catalogue(${JSON.stringify(root)}).load('enrich/mine')
        return [(await definition.run({}, {}, {})).values[0], code]
      }
      const edit = (name, from, to) => {
        const file = ${JSON.stringify(`${folder}/`)} + name
        writeFileSync(file, readFileSync(file, 'utf8').replace(from, to))
      }
      const loaded = [await load()]
      const files = ['data.json', 'deep.ts', 'rules.cjs', 'inner/later.ts', 'last.ts', 'another.cjs', 'names.csv']
      for (const file of files) {
        edit(file, /1/, '2')
        loaded.push(await load())
      }
      for (const file of files) edit(file, /2/, '1')
      loaded.push(await load())
      console.log(JSON.stringify(loaded))`
    const out = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })
    const loaded: string[][] = JSON.parse(out)
    expect(loaded.map(([words]) => words)).toEqual([
      '1 1 1 1 1 1 1',
      '2 1 1 1 1 1 1',
      '2 2 1 1 1 1 1',
      '2 2 2 1 1 1 1',
      '2 2 2 2 1 1 1',
      '2 2 2 2 2 1 1',
      '2 2 2 2 2 2 1',
      '2 2 2 2 2 2 2',
      '1 1 1 1 1 1 1',
    ])
    expect(new Set(loaded.map(([, code]) => code)).size).toBe(8)
    expect(loaded[8]).toEqual(loaded[0])
  }))
