import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { sql } from '../../../../nodes/lib/sql.ts'
import { Database } from '../../../../runtime/data/database.ts'
import { openEngine } from '../../../../runtime/notebook/step/provider.ts'
import { silent } from '../../../../runtime/run/progress.ts'
import type { RunRecord } from '../../../../runtime/run/record.ts'
import { openBench } from '../../../nodes/one-node.ts'
import { stepOf } from '../../engine.ts'

// What is tried is the step, not the types of its cells.
process.env.POLKU_KERNEL_CHECK = 'off'

const bench = openBench()
const { root } = bench
afterAll(() => bench.close())

const code = (source: string, tags: string[] = []) => ({
  cell_type: 'code',
  id: `c${source.length}`,
  source,
  metadata: { tags },
  outputs: [],
  execution_count: null,
})

interface Made {
  readonly factor?: string
  readonly publish?: string
  readonly polku?: unknown
}
const declared = {
  inputs: { customers: 'Customers with a value' },
  outputs: { scored: { description: 'Customers with risk', columns: { customer_id: 'BIGINT', risk: 'DOUBLE' } } },
}
function writeNotebook({
  factor = '2',
  publish = "await publish.table('scored', scored)",
  polku = declared,
}: Made = {}) {
  const cells = [
    { cell_type: 'markdown', id: 'a', source: '# Scores\nGives a risk.', metadata: {} },
    code(`const factor = ${factor}\nconst rulesFile = 'rules.csv'\nconst asOf = '2000-01-01'`, ['parameters']),
    code(
      `import { open, publish } from 'polku'\nimport { shift } from './shift.ts'\nconst workspace = await open()\nconst customers = await workspace.input('customers')`,
    ),
    code(
      'const scored = await workspace.sql`select customer_id, value * ${factor} + ${shift} as risk from ${customers} order by 1`\nscored',
    ),
    code(`${publish}\nconsole.log(asOf, rulesFile)`),
  ]
  const metadata = { kernelspec: { name: 'polku', display_name: 'Polku', language: 'typescript' }, polku }
  writeFileSync(
    join(root, 'notebooks/score.ipynb'),
    JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata, cells }),
  )
}

const flow = (settings: Record<string, unknown> = {}, uses = 'notebook/score', more: Record<string, unknown> = {}) =>
  stringify({
    flow: 'weekly',
    steps: {
      customers: { uses: 'import/csv', with: { path: 'customers.csv' } },
      score: { uses, from: 'customers', with: settings },
      high: { uses: 'enrich/derive', from: 'score', with: { where: 'risk > 25' } },
      ...more,
    },
  })

async function run(text = flow(), asOf = '2026-10-01'): Promise<RunRecord> {
  writeFileSync(join(root, 'flows/weekly.yaml'), text)
  const engine = await openEngine(root)
  try {
    const request = { flow: join(root, 'flows/weekly.yaml'), params: {}, asOf }
    return await engine.run(request, { progress: silent, signal: new AbortController().signal, now: Date.now })
  } finally {
    await engine.close()
  }
}

async function rows(record: RunRecord, step: string) {
  const database = await Database.open({ folder: root, temporary: join(root, '.polku/tmp/reading') })
  try {
    return await database.rows(sql`from read_parquet(${join(root, stepOf(record, step).outputs[0]?.path ?? '')})`)
  } finally {
    database.close()
  }
}

beforeAll(() => {
  mkdirSync(join(root, 'notebooks'))
  writeFileSync(join(root, 'customers.csv'), 'customer_id,value\n1,10.5\n2,20.5\n')
  writeFileSync(join(root, 'rules.csv'), 'rule\n1\n')
  writeFileSync(join(root, 'notebooks/shift.ts'), 'export const shift: number = 0\n')
  writeNotebook()
})

describe('a notebook in a flow', () => {
  test('takes and gives tables, with its parameters as settings, and is kept like any step', async () => {
    const first = await run()
    expect(first.problem).toBeUndefined()
    expect(await rows(first, 'score')).toEqual([
      { customer_id: 1, risk: 21 },
      { customer_id: 2, risk: 41 },
    ])
    expect(await rows(first, 'high')).toEqual([{ customer_id: 2, risk: 41 }])
    expect(stepOf(first, 'score').settings).toMatchObject({ factor: 2, rulesFile: 'rules.csv', asOf: '2026-10-01' })
    const folder = join(root, '.polku/notebooks/score')
    expect(
      readdirSync(folder)
        .map((file) => file.replace(/^\d+/, ''))
        .sort(),
    ).toEqual(['.html', '.ipynb'])
    const executed = readFileSync(
      join(folder, readdirSync(folder).find((file) => file.endsWith('.ipynb')) ?? ''),
      'utf8',
    )
    // The run's date reached the notebook.
    expect(executed).toContain('2026-10-01 rules.csv')
    expect((await run()).steps.map(({ cached }) => cached)).toEqual([true, true, true])
    expect(readdirSync(folder)).toHaveLength(2)
  })

  test.each<[string, () => RunRecord | Promise<RunRecord>, number, RegExp]>([
    ['another setting', () => run(flow({ factor: 3 })), 61.5, /setting factor changed from 2 to 3/],
    [
      'another cell',
      () => {
        writeNotebook({ factor: '4' })
        return run()
      },
      82,
      /the code of notebook\/score changed/,
    ],
    [
      'a file that it imports',
      () => {
        writeFileSync(join(root, 'notebooks/shift.ts'), 'export const shift: number = 1\n')
        return run()
      },
      83,
      /the code of notebook\/score changed/,
    ],
    [
      'a file that a parameter names',
      () => {
        writeFileSync(join(root, 'rules.csv'), 'rule\n2\n')
        return run()
      },
      83,
      /file rules.csv changed/,
    ],
  ])('is run again for %s', async (_, again, risk, why) => {
    const record = await again()
    expect(stepOf(record, 'score')).toMatchObject({ cached: false, why: expect.stringMatching(why) })
    expect((await rows(record, 'score')).at(-1)).toEqual({ customer_id: 2, risk })
  })

  const fault = async (text: string): Promise<string> => {
    const error: unknown = await run(text).catch((reason: unknown) => reason)
    if (error instanceof Error) return error.message
    throw new Error(`Nothing was refused: ${JSON.stringify((error as RunRecord).problem)}`) // a record is no error
  }
  test.each([
    ['a setting it has not', flow({ facter: 1 }), 'has no setting facter'],
    ['a setting of another type', flow({ factor: 'much' }), 'The setting factor is "much"'],
    ['a column that it does not give', flow().replace('risk > 25', 'rsik > 25'), 'rsik'],
    ['a notebook that is not there', flow({}, 'notebook/scoer'), 'There is no node notebook/scoer'],
    ['a name that climbs', flow({}, 'notebook/../x'), 'There is no node'],
    ['a file that is not there', flow({ rulesFile: 'none.csv' }), 'none.csv'],
  ])('is refused before it runs with %s', async (_, text, said) => {
    const before = readdirSync(join(root, '.polku/notebooks/score')).length
    expect(await fault(text)).toContain(said)
    expect(readdirSync(join(root, '.polku/notebooks/score'))).toHaveLength(before)
  })

  test.each<[string, unknown, string]>([
    [
      'a type that is more than a type',
      { outputs: { x: { description: 'd', columns: { a: 'INT) from t; --' } } } },
      'metadata.polku.outputs',
    ],
    ['an output without columns', { outputs: { x: { description: 'd' } } }, 'metadata.polku.outputs'],
    ['an input that is a number', { inputs: { x: 1 } }, 'metadata.polku.inputs'],
    ['an input called as a parameter', { inputs: { factor: 'd' } }, 'both a parameter and an input'],
  ])('is refused with %s', async (_, polku, said) => {
    writeNotebook({ polku })
    expect(await fault(flow())).toContain(said)
  })

  test.each<[string, Made, string, RegExp]>([
    ['does not give its table', { publish: '1' }, 'notebook/score:notPublished', /did not give its output scored/],
    [
      'gives other columns than it says',
      { publish: "await publish.table('scored', customers)" },
      'OUTPUT_MISMATCH',
      /promised customer_id BIGINT, risk DOUBLE/,
    ],
    ['fails', { publish: "throw new Error('no luck')" }, 'NOTEBOOK_CELL_FAILED', /no luck/],
  ])('that %s fails its step and gives nothing', async (_, variant, codeOf, said) => {
    writeNotebook(variant)
    const record = await run()
    expect(record.status).toBe('failed')
    expect(record.problem).toMatchObject({ code: codeOf, step: 'score', message: expect.stringMatching(said) })
    expect(stepOf(record, 'high').status).toBe('skipped')
  })
})
