import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { approveModel } from '../../../../runtime/engine/approval.ts'
import { openEngine } from '../../../../runtime/notebook/step/provider.ts'
import { silent } from '../../../../runtime/run/progress.ts'
import { openBench } from '../../../nodes/one-node.ts'
import { stepOf } from '../../engine.ts'

// What is tried is the approval, not the types of cells.
process.env.POLKU_KERNEL_CHECK = 'off'

const bench = openBench()
const { root } = bench
afterAll(() => bench.close())

const code = (source: string) => ({
  cell_type: 'code',
  id: `c${source.length}`,
  source,
  metadata: {},
  outputs: [],
  execution_count: null,
})

const customers = Array.from({ length: 120 }, (_, row) => {
  const visits = (row * 37) % 50
  return `${row + 1},${visits},${(visits + ((row * 13) % 29)) / 2 > 25 ? 'yes' : 'no'}`
})
const cases = `customer_id,visits,target\n${customers.join('\n')}\n`

const training = { flow: 'training', steps: { train: { uses: 'notebook/train' } } }
const scoring = {
  flow: 'scoring',
  steps: {
    customers: { uses: 'import/csv', with: { path: 'cases.csv' } },
    risk: { uses: 'model/churn@approved', from: 'customers' },
  },
}

const writeNotebook = (folds: number) => {
  const cells = [
    code(`import { open, publish } from 'polku'\nconst workspace = await open()`),
    code(`const cases = (await workspace.import.csv({}, { path: 'cases.csv' })).rows`),
    code(`const trained = await workspace.predict.train({ cases }, { name: 'draft', folds: ${folds} })`),
    code(
      `const published = await publish.model('churn', { model: trained, data: cases, limits: 'Only for calls.' })\npublished.reference`,
    ),
  ]
  const metadata = { kernelspec: { name: 'polku', display_name: 'Polku', language: 'typescript' } }
  writeFileSync(
    join(root, 'notebooks/train.ipynb'),
    JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata, cells }),
  )
}

async function run(flow: { flow: string }) {
  const file = join(root, 'flows', `${flow.flow}.yaml`)
  writeFileSync(file, stringify(flow))
  const engine = await openEngine(root)
  try {
    const request = { flow: file, params: {}, asOf: '2026-10-01' }
    const options = { progress: silent, signal: new AbortController().signal, now: Date.now }
    return await engine.run(request, options).catch((error: unknown) => error as Error) // a flow that does not check
  } finally {
    await engine.close()
  }
}

async function refusal(flow: { flow: string }): Promise<string> {
  const ended = await run(flow)
  if (ended instanceof Error) return ended.message
  throw new Error(`The flow was not refused; it ended as ${ended.status}.`)
}

test('a model that a notebook published in a flow is approved on its report, and lapses with the notebook', async () => {
  mkdirSync(join(root, 'notebooks'))
  writeFileSync(join(root, 'cases.csv'), cases)
  writeNotebook(2)
  const trained = await run(training)
  expect(trained).toMatchObject({ status: 'done' })
  if (trained instanceof Error) throw trained
  expect(stepOf(trained, 'train').findings).toContainEqual(
    expect.objectContaining({ text: expect.stringContaining('.polku/notebooks/train/') }),
  )
  expect(await refusal(scoring)).toContain('No version of the model churn is approved')

  const engine = await openEngine(root)
  const { workspace } = engine
  const folder = workspace.internal('notebooks', 'train')
  const report = join(folder, readdirSync(folder).find((file) => file.endsWith('.html')) ?? '')
  approveModel(workspace, { model: 'churn@1', report, by: 'Aino Esimerkki', now: 0 })
  const [approval] = engine.registry.approvals('churn', 1)
  await engine.close()
  const named = approval?.evidence.map(({ kind, path }) => `${kind} ${path.split('/')[0]}`)
  expect(named).toEqual(expect.arrayContaining(['report .polku', 'notebook notebooks', 'data .polku']))
  expect(await run(scoring)).toMatchObject({ status: 'done' })

  // The models it published are part of what is kept.
  const why = 'cached: nothing it depends on has changed'
  expect(await run(training)).toMatchObject({ status: 'done', steps: [{ cached: true, why }] })
  writeNotebook(3)
  expect(await refusal(scoring)).toContain('the notebook notebooks/train.ipynb changed')
})
