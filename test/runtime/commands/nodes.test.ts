import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeNode } from '../../../runtime/commands/nodes.ts'
import { projectRoot } from '../../../runtime/data/installation.ts'
import { toProblems } from '../../../runtime/errors/problems.ts'
import { withWorkspace } from '../../workspace.ts'
import { polkuHere } from './polku-here.ts'

// What a flow can use: nodes, notebooks and models, each told in the same way.

const notebook = JSON.stringify({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {
    kernelspec: { name: 'polku', display_name: 'Polku', language: 'typescript' },
    polku: {
      inputs: { customers: 'Customers with a value' },
      outputs: { scored: { description: 'Customers with risk', columns: { risk: 'DOUBLE' } } },
    },
  },
  cells: [
    { cell_type: 'markdown', id: 'a', metadata: {}, source: '# Scores\nGives a risk to everybody.' },
    {
      cell_type: 'code',
      id: 'b',
      metadata: { tags: ['parameters'] },
      source: "const factor = 2\nconst kind: 'a' | 'b' | null = 'a'\nconst rulesFile = 'rules.csv'",
      outputs: [],
      execution_count: null,
    },
  ],
})

const models = join(projectRoot, 'nodes/predict/score/cases/by-hand/files/models')

test('nodes, notebooks and models are listed, and what cannot be used with the reason', () =>
  withWorkspace(async (root) => {
    mkdirSync(join(root, 'notebooks'))
    writeFileSync(join(root, 'notebooks/score.ipynb'), notebook)
    writeFileSync(join(root, 'notebooks/not-one.ipynb'), 'print(1)\n')
    for (const [name, text] of Object.entries({ 'segment/rfm': 'export default {}', 'enrich/broken': 'export {{' })) {
      mkdirSync(join(root, 'nodes', name), { recursive: true })
      writeFileSync(join(root, 'nodes', name, `${name.split('/')[1]}.ts`), text)
    }
    cpSync(models, join(root, 'models'), { recursive: true })
    const { code, out, error } = await polkuHere(root, 'nodes')
    expect({ code, error }).toEqual({ code: 0, error: '' })
    expect(out).toMatch(/^segment\/profile +Compares a group/m)
    expect(out).toMatch(/^segment\/rfm +NODE_INVALID: .*Polku has a node of that name/m)
    expect(out).toMatch(/^enrich\/broken +NODE_INVALID: The node enrich\/broken cannot be used/m)
    expect(out).toMatch(/^notebook\/score +Gives a risk to everybody\.$/m)
    expect(out).toMatch(/^notebook\/not-one +NOTEBOOK_INVALID: This is not a notebook: it is not JSON/m)
    expect(out).toMatch(/^notebook\/train-churn +\w/m)
    expect(out).toMatch(/^model\/churn@draft +Gives every customer the probability that left is yes/m)
    expect(out).not.toContain('churn@approved')
    const listed: { name: string }[] = JSON.parse((await polkuHere(root, 'nodes', '--json')).out)
    expect(listed.find(({ name }) => name === 'notebook/not-one')).toMatchObject({
      problems: [{ code: 'NOTEBOOK_INVALID' }],
    })

    // One that cannot be used keeps no other from its tests and types.
    const tested = await polkuHere(root, 'test')
    expect(tested.code).toBe(1)
    expect(tested.out).toMatch(/^FAILED enrich\/broken\n.*cannot be used[\s\S]*^FAILED segment\/rfm\n/m)
    expect(await polkuHere(root, 'test', 'notebook/score')).toMatchObject({
      code: 2,
      error: expect.stringContaining('has no cases'),
    })
    const typed = await polkuHere(root, 'types')
    expect(typed).toMatchObject({ code: 0, out: expect.stringContaining('The node enrich/broken cannot be used') })
    expect(readFileSync(join(root, '.polku/nodes.d.ts'), 'utf8')).toMatch(/interface EnrichNodes \{[\s\S]*broken\(/)

    const step = (await polkuHere(root, 'nodes', 'notebook/score')).out
    expect(step).toMatch(/^notebook\/score · Scores\nGives a risk to everybody\.$/m)
    expect(step).toMatch(/^Inputs\n {2}customers +Customers with a value$/m)
    expect(step).toMatch(/^ {2}factor +number; default 2/m)
    expect(step).toMatch(/^ {2}kind +"a" \| "b" or null; default "a"/m)
    expect(step).toMatch(/^ {2}rulesFile +file in the workspace; default "rules.csv"/m)
    expect(step).toMatch(/^Outputs\n {2}scored +Customers with risk$/m)

    const model = (await polkuHere(root, 'nodes', 'model/churn@1')).out
    expect(model).toMatch(/^model\/churn@1 · The model churn, version 1$/m)
    expect(model).toMatch(/^ {2}customers +Customers, one row each, with /m)
    expect(model).not.toMatch(/^ {2}model /m)

    const fault = (name: string) =>
      describeNode(root, name, { json: false }).then(String, (error: unknown) => JSON.stringify(toProblems(error)))
    expect(await fault('notebook/not-one')).toContain('This is not a notebook')
    expect(await fault('notebook/../not-one')).toContain('There is no node')
    expect(await fault('model/churn')).toContain('model/churn@draft')
    expect(await fault('model/churn@approved')).toContain('No version of the model churn is approved')
    expect(await fault('model/none@1')).toContain('There is no model none')
  }))

test('outside a workspace there is what Polku brings', async () => {
  const { code, out } = await polkuHere(tmpdir(), 'nodes')
  expect(code).toBe(0)
  expect(out).toMatch(/^notebook\/explore-customers +\w/m)
})
