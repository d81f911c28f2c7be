import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Catalogue } from '../../../runtime/catalogue/catalogue.ts'
import { CaseRunner } from '../../../runtime/engine/cases.ts'
import { withWorkspace } from '../../workspace.ts'
import { polkuHere } from './polku-here.ts'

const node = `import { defineNode, input, settings } from 'polku/node'
import { sql } from 'polku/sql'
export default defineNode({
  title: 'Counted', summary: 'Counts customers.', inputs: { orders: input('Purchases') }, params: settings({}),
  outputs: { customers: 'Customers' }, metrics: { customers: 'Customers' },
  run: ({ orders }) => sql\`select distinct customer_id from \${orders} order by all\`,
  report: async ({ customers }, _settings, context) => {
    const [row] = await context.rows(sql\`select count(*) as n from \${customers}\`)
    context.metric({ name: 'customers', label: 'Customers', value: Number(row?.n), unit: 'count' })
  },
})
`

const put = (root: string, files: Readonly<Record<string, string>>): void => {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, 'nodes/measure/counted', file)), { recursive: true })
    writeFileSync(join(root, 'nodes/measure/counted', file), text)
  }
}

const orders = 'customer_id\n1\n2\n1\n'

// Each is a case that seemed to prove something.
const nothings: Readonly<Record<string, readonly [Readonly<Record<string, string>>, string]>> = {
  'a key that is misspelt': [
    { 'case.yaml': 'about: A typo\nmetric: { customers: 999 }\n', 'orders.csv': orders },
    'case.yaml: metric is unknown. Did you mean metrics?',
  ],
  'a key of its error that is misspelt': [
    { 'case.yaml': 'about: A typo\nerror: { code: INPUT_MISSING, mesage: no }\n' },
    'case.yaml: error.mesage is unknown. Did you mean message?',
  ],
  'a file of an output that is not there': [
    { 'case.yaml': 'about: A typo\n', 'orders.csv': orders, 'expected/customer.csv': 'customer_id\n9\n' },
    'expected/customer.csv is for no output. Did you mean customers.csv?',
  ],
  'a table of an input that is not there': [
    { 'case.yaml': 'about: A typo\nmetrics: { customers: 2 }\n', 'orders.csv': orders, 'order.csv': orders },
    'order.csv is for no input. Did you mean orders.csv?',
  ],
  'types of an input that is not there': [
    {
      'case.yaml': 'about: A typo\nmetrics: { customers: 2 }\ntypes: { order: { n: INTEGER } }\n',
      'orders.csv': orders,
    },
    'case.yaml: types.order is of no input. Did you mean orders?',
  ],
  'nothing that it expects': [
    { 'case.yaml': 'about: Nothing\nmetrics: {}\n', 'orders.csv': orders },
    'It expects nothing: neither an error, nor metrics, warnings or a file in expected/.',
  ],
  'an error, and metrics that nobody looks at': [
    { 'case.yaml': 'about: Both\nerror: { code: INPUT_MISSING }\nmetrics: { customers: 2 }\n' },
    'It expects an error, and beside it what only a step gives that is done.',
  ],
  'a folder in place of an expected file': [
    { 'case.yaml': 'about: A folder\n', 'orders.csv': orders, 'expected/customers.csv/customers.csv': 'customer_id\n' },
    'expected/customers.csv is a folder, not a file.',
  ],
  'a folder in place of a table': [
    { 'case.yaml': 'about: A folder\nmetrics: { customers: 2 }\n', 'orders.csv/orders.csv': orders },
    'orders.csv is a folder, not a file.',
  ],
  'types of an input whose table is not there': [
    { 'case.yaml': 'about: Types\ntypes: { orders: { n: INTEGER } }\nerror: { code: INPUT_MISSING }\n' },
    'case.yaml: types.orders is of an input that the case does not have. There is no orders.csv.',
  ],
  'a date that is none': [
    { 'case.yaml': 'about: A date\nas_of: 2026-13-01\nmetrics: { customers: 2 }\n', 'orders.csv': orders },
    'case.yaml: as_of is no date. Such as 2026-10-01.',
  ],
  'no case.yaml': [{ 'orders.csv': orders }, 'There is no case.yaml.'],
}

test('a case that proves nothing fails, and says why', () =>
  withWorkspace(async (root) => {
    put(root, { 'counted.ts': node })
    const counted = await new Catalogue(root).load('measure/counted')
    const runner = await CaseRunner.open()
    onTestFinished(() => runner.close())
    for (const [name, [files, difference]] of Object.entries(nothings)) {
      const folder = name.replaceAll(/\W+/g, '-')
      put(root, Object.fromEntries(Object.entries(files).map(([file, text]) => [`cases/${folder}/${file}`, text])))
      const { differences } = await runner.run(counted, join(root, 'nodes/measure/counted/cases', folder))
      expect([name, differences]).toEqual([name, [difference]])
    }
  }))

test('polku test fails for a node without cases, and --bless writes what a new case gives', () =>
  withWorkspace(async (root) => {
    put(root, { 'counted.ts': node })
    const none = await polkuHere(root, 'test')
    expect(none).toMatchObject({ code: 1, out: expect.stringMatching(/^FAILED measure\/counted\n +It has no cases/) })
    put(root, { 'cases/three/case.yaml': 'about: Three purchases\n', 'cases/three/orders.csv': orders })
    expect((await polkuHere(root, 'test', 'measure/counted')).out).toMatch(/^FAILED [\s\S]*It expects nothing/)
    expect(await polkuHere(root, 'test', '--bless')).toMatchObject({ code: 0, out: 'ok     measure/counted three\n' })
    const expected = join(root, 'nodes/measure/counted/cases/three/expected/customers.csv')
    expect(readFileSync(expected, 'utf8')).toBe('customer_id\n1\n2\n')
    expect((await polkuHere(root, 'test')).code).toBe(0)
  }))

test('the cases of a node of Polku run without a workspace, and can be blessed', () =>
  withWorkspace(async (root) => {
    rmSync(join(root, 'client.yaml'))
    const { code, out } = await polkuHere(root, 'test', 'enrich/row-number', '--bless')
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^(ok {5}enrich\/row-number .+\n)+$/) })
    expect((await polkuHere(root, 'test')).error).toMatch(/^WORKSPACE_NOT_FOUND/)
  }))

test('polku check marks types of own nodes that do not fit, with line and column', () =>
  withWorkspace(async (root) => {
    put(root, { 'counted.ts': node.replace('Number(row?.n)', 'row?.n') })
    const steps =
      '{ orders: { uses: import/csv, with: { path: data/orders.csv } }, counted: { uses: measure/counted, from: orders } }'
    writeFileSync(join(root, 'flows', 'own.yaml'), `flow: own\nsteps: ${steps}\n`)
    const { code, out } = await polkuHere(root, 'check', 'own', '--json')
    expect({ code, problems: JSON.parse(out).problems }).toEqual({
      code: 1,
      problems: [
        {
          code: 'NODE_TYPES',
          message: expect.stringContaining("is not assignable to type 'number | null'"),
          ...{ file: join(root, 'nodes/measure/counted/counted.ts'), line: 9, column: 61 },
          expected: expect.any(String),
        },
      ],
    })
    put(root, { 'counted.ts': node })
    expect(await polkuHere(root, 'check', 'own')).toMatchObject({ code: 0, error: '' })
    expect(JSON.parse(readFileSync(join(root, '.polku/sound-types.json'), 'utf8'))).toHaveLength(1)
  }))
