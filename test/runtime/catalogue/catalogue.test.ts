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
      const seen = async () => {
        const { definition, code } = await new Catalogue(${JSON.stringify(root)}).load('enrich/mine')
        return [definition.title, definition.summary, code]
      }
      const write = (file, text) => writeFileSync(${JSON.stringify(join(root, 'nodes/enrich/mine/'))} + file, text)
      const found = [await seen()]
      write('words.ts', "export const summary = 'Two.'")
      found.push(await seen())
      write('mine.ts', ${JSON.stringify(node('Second'))})
      found.push(await seen())
      write('mine.ts', ${JSON.stringify(node('First'))})
      write('words.ts', ${JSON.stringify("export const summary = 'One.'\n")})
      found.push(await seen())
      console.log(JSON.stringify(found))`
    const out = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })
    const found: string[][] = JSON.parse(out)
    expect(found.map(([title, summary]) => `${title} ${summary}`)).toEqual([
      'First One.',
      'First Two.',
      'Second Two.',
      'First One.',
    ])
    expect(new Set(found.map(([, , code]) => code)).size).toBe(3)
    expect(found[3]).toEqual(found[0])
  }))
