import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openEngine } from '../../../../runtime/notebook/step/provider.ts'
import { difference, ingredients, stepKey } from '../../../../runtime/step/key.ts'
import { withWorkspace } from '../../../workspace.ts'

const code = (source: string) => ({
  cell_type: 'code',
  id: `c${source.length}`,
  source,
  metadata: {},
  outputs: [],
  execution_count: null,
})

const cells = [
  "const orders = await workspace.import.csv({}, { path: 'data/orders.csv' })",
  "await workspace.import.csv({}, { delimiter: ';', path: `data/it's.csv` })\nconst other = { path: `data/${name}.csv` }",
  "await workspace.import.csv({}, { path: '../outside.csv' }); await workspace.import.csv({}, { path: '/etc/passwd' })",
  'await workspace.import.dataset({}, { dataset: "contact-history" })',
  "await workspace.node('model/churn@approved', { customers })",
].map(code)

/** The work of one test: a notebook of these cells, and what its step's key is made of. */
const withNotebook = (
  polku: unknown,
  work: (root: string, ingredientsOf: () => ReturnType<typeof ingredients>) => Promise<void>,
) =>
  withWorkspace(async (root) => {
    mkdirSync(join(root, 'notebooks'))
    const metadata = { kernelspec: { name: 'polku', display_name: 'Polku', language: 'typescript' }, polku }
    writeFileSync(
      join(root, 'notebooks/score.ipynb'),
      JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata, cells }),
    )
    writeFileSync(join(root, "data/it's.csv"), 'x\n1\n')
    const engine = await openEngine(root)
    try {
      const services = { ...engine, models: engine.registry, now: () => Date.now() + 60_000 }
      await work(root, async () =>
        ingredients(
          { node: await engine.catalogue.load('notebook/score'), settings: {}, named: [], secrets: [] },
          {},
          1,
          services,
        ),
      )
    } finally {
      await engine.close()
    }
  })

test('the files, datasets and models that cells name are part of the key of a notebook’s step', () =>
  withNotebook({}, async (root, ingredientsOf) => {
    const before = await ingredientsOf()
    expect(Object.keys(before.sources)).toEqual([
      "file data/it's.csv",
      'file data/orders.csv',
      'dataset contact-history',
      'model churn@approved',
    ])
    writeFileSync(join(root, 'data/orders.csv'), 'customer_id\n1\n')
    const after = await ingredientsOf()
    expect(difference(before, after)).toBe('file data/orders.csv changed')
    expect(stepKey(after)).not.toBe(stepKey(before))
    expect(stepKey(await ingredientsOf())).toBe(stepKey(after))
  }))

test('so are the files that its metadata declare, also those that come later', () =>
  withNotebook({ reads: ['data/rules/*.json', 'data/**/customers.csv'] }, async (root, ingredientsOf) => {
    const before = await ingredientsOf()
    expect(Object.keys(before.sources)).toContain('file data/customers.csv')
    mkdirSync(join(root, 'data/rules'))
    writeFileSync(join(root, 'data/rules/a.json'), '{}')
    expect(difference(before, await ingredientsOf())).toBe('file data/rules/a.json changed')
  }))

test.each(['../secret.csv', '/etc/passwd', 'data/../../x', ''])(
  'a path %j that leaves the workspace is refused',
  (path) =>
    withNotebook({ reads: [path] }, async (_, ingredientsOf) => {
      await expect(ingredientsOf()).rejects.toMatchObject({ code: 'NODE_INVALID' })
    }),
)
