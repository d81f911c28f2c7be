import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newNode } from '../../../runtime/commands/scaffold.ts'
import { writeSchema } from '../../../runtime/commands/schema.ts'
import { projectRoot } from '../../../runtime/data/installation.ts'
import { clientFiles } from '../../../runtime/engine/skeletons.ts'
import { YamlEditor } from '../../fixtures/yaml-editor.ts'
import { polkuHere } from './polku-here.ts'

const comment = '# yaml-language-server: $schema=../.polku/flow.schema.json\n'
const head = `${comment}flow: tried\nparams:\n  classes: { type: integer, default: 3 }\nsteps:\n`

describe('an editor with a YAML language server', () => {
  let folder: string
  let editor: YamlEditor
  let count = 0

  /** What is offered at ‸ in a flow's steps, and what is marked. */
  const open = async (steps: string, before = head) => {
    count += 1
    const { marked, offered } = await editor.open(join(folder, 'acme', 'flows', `tried-${count}.yaml`), before + steps)
    return { marked: marked.map(({ message }) => message), offered: offered.map(({ label }) => label) }
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'polku schéma '))
    await polkuHere(folder, 'new', 'client', 'acme')
    const root = join(folder, 'acme')
    newNode(root, 'enrich/my-score')
    cpSync(join(projectRoot, 'flows', 'propensity.yaml'), join(root, 'flows', 'propensity.yaml'))
    writeFileSync(join(root, 'flows', 'broken.yaml'), 'steps: [')
    await writeSchema(root)
    editor = await YamlEditor.start()
  })
  afterAll(async () => {
    await editor.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('offers the nodes, the workspace’s own, notebooks and flows, with what they do', async () => {
    const { offered } = await editor.open(join(folder, 'acme', 'flows', 'uses.yaml'), `${head}  orders:\n    uses: ‸\n`)
    const labels = offered.map(({ label }) => label)
    expect(labels).toEqual(
      expect.arrayContaining(['segment/rfm', 'enrich/my-score', 'notebook/first-look', 'flow/first']),
    )
    const rfm = offered.find(({ label }) => label === 'segment/rfm')
    expect(JSON.stringify(rfm?.documentation)).toContain('Scores customers')
  })

  test('completes the settings of the node that is used, but those that are there', async () => {
    const { offered, marked } = await open('  orders:\n    uses: segment/rfm\n    with:\n      classes: 3\n      ‸\n')
    expect(offered).toEqual(expect.arrayContaining(['customer', 'date', 'amount', 'asOf']))
    expect(offered).not.toContain('classes')
    expect(offered).not.toContain('path')
    expect(marked).toEqual([])
  })

  test('completes the settings of a node of the workspace', async () => {
    const { offered } = await open('  score:\n    uses: enrich/my-score\n    with:\n      ‸\n')
    expect(offered).toEqual(expect.arrayContaining(['value', 'limit']))
  })

  test('completes the inputs of a node', async () => {
    const { offered } = await open('  both:\n    uses: enrich/join\n    from:\n      ‸\n')
    expect(offered).toEqual(expect.arrayContaining(['left', 'right']))
  })

  test('completes the parameters of a flow that is used', async () => {
    const { offered } = await open('  each:\n    uses: flow/first\n    for_each: [a]\n    with:\n      ‸\n')
    expect(offered).toContain('classes')
  })

  test('offers the parameters of flows as values', async () => {
    const { offered } = await open('  orders:\n    uses: segment/rfm\n    with:\n      classes: ‸\n')
    expect(offered).toEqual(expect.arrayContaining(['${params.classes}', '${run.asOf}']))
  })

  test.each([
    [
      'a setting that the node does not have',
      '  orders:\n    uses: segment/rfm\n    with: { clases: 3 }‸\n',
      /clases is not allowed/,
    ],
    [
      'a value of another kind',
      '  orders:\n    uses: segment/rfm\n    with: { classes: many }‸\n',
      /Expected "integer"/,
    ],
    ['a node that there is not', '  orders:\n    uses: segment/rfmm‸\n', /segment\/rfm/],
    [
      'a setting that is needed and missing',
      '  orders:\n    uses: import/csv\n    with: { skip: 1 }‸\n',
      /Missing property "path"/,
    ],
    [
      'an input that the node does not have',
      '  both:\n    uses: enrich/join\n    from: { lefft: a }‸\n',
      /lefft is not allowed/,
    ],
    ['a key that no step has', '  orders:\n    use: segment/rfm‸\n', /use is not allowed/],
  ])('marks %s', async (_, steps, message) => {
    const { marked } = await open(steps)
    expect(
      marked.some((text) => message.test(text)),
      marked.join('\n'),
    ).toBe(true)
  })

  test('marks nothing in a flow that checks, nor where a reference stands for a number', async () => {
    expect((await open('‸', clientFiles({ name: 'acme' })['flows/first.yaml'])).marked).toEqual([])
    const referring = '  orders:\n    uses: segment/rfm\n    with: { classes: "${params.classes}" }‸\n'
    expect((await open(referring)).marked).toEqual([])
    for (const name of ['churn-prevention', 'propensity']) {
      const text = readFileSync(join(projectRoot, 'flows', `${name}.yaml`), 'utf8')
      expect((await open('‸', comment + text)).marked, name).toEqual([])
    }
  })

  test('marks nothing in the example’s flows, merged settings and own nodes included', async () => {
    const example = join(folder, 'sahkoyhtio')
    for (const part of ['client.yaml', 'flows', 'nodes'])
      cpSync(join(projectRoot, 'examples', 'sahkoyhtio', part), join(example, part), { recursive: true })
    await writeSchema(example)
    for (const name of ['health', 'save-at-risk', 'measure-save-at-risk']) {
      const file = join(example, 'flows', `${name}.yaml`)
      const text = readFileSync(file, 'utf8')
      expect(text).toMatch(/^# yaml-language-server: /)
      expect((await editor.open(file, `${text}‸`)).marked, name).toEqual([])
    }
  })
})

describe('polku schema', () => {
  test('says what it left out, and why', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'polku-schema-'))
    try {
      await polkuHere(folder, 'new', 'client', 'acme')
      expect(existsSync(join(folder, 'acme', '.polku', 'flow.schema.json'))).toBe(true)
      writeFileSync(join(folder, 'acme', 'flows', 'broken.yaml'), 'steps: [')
      const { code, out } = await polkuHere(folder, 'schema', '--workspace', 'acme')
      expect(code).toBe(0)
      expect(out).toContain('acme/.polku/flow.schema.json')
      expect(out).toContain('Left out: flows/broken.yaml')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
