import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { column, defineNode, input, type NodeDefinition, settings, Type } from '../../../../nodes/node.ts'
import { type NotebookWorkspace, open, publish } from '../../../../runtime/notebook/api/open.ts'
import type { Table } from '../../../../runtime/notebook/api/table.ts'
import { openBench } from '../../../nodes/one-node.ts'
import { polku } from '../../commands/polku.ts'

const bench = openBench()
let workspace: NotebookWorkspace
let customers: Table
beforeAll(async () => {
  workspace = await open(bench.root)
  customers =
    await workspace.sql`select i::integer as customer_id, i * 10.5 as value, date '2026-01-01' + i::integer as since,
    case when i % 2 = 0 then 'Aino "A", Malli' end as name from range(50) as t(i)`
})
afterAll(async () => {
  await workspace.close()
  await bench.close()
})

const doubled = (factor: number) => `import { column, defineNode, input, settings } from 'polku/node'
import { id, sql } from 'polku/sql'
export default defineNode({
  title: 'Doubled', summary: 'Doubles a number.',
  inputs: { customers: input('Customers') },
  params: settings({ value: column('customers', { type: 'number', default: 'value' }) }),
  outputs: { customers: 'The same rows with doubled' },
  run: ({ customers }, { value }) => sql\`select *, \${id(value)} * ${factor} as doubled from \${customers} order by all\`,
})
`
/** Functions whose source is what a cell's is once the kernel has read it; the tests' own transformer would put its names in. */
const functions = (source: string): Pick<NodeDefinition, 'run' | 'report'> =>
  new Function('sql', 'id', `return ${source}`)()
const nodes = join(bench.root, 'nodes')
const text = (name: string, file: string) => readFileSync(join(nodes, name, file), 'utf8')

describe('a node from a notebook', () => {
  test('given as text is a folder whose case holds, and is called at once', async () => {
    const sample = { customers }
    const published = await publish.node('enrich/doubled', { code: doubled(2), sample, about: 'Two for one' })
    expect(published).toEqual({ name: 'enrich/doubled', folder: join(nodes, 'enrich/doubled'), isNew: true })
    expect(text('enrich/doubled', 'doubled.ts')).toBe(doubled(2))
    expect(text('enrich/doubled', 'cases/sample/case.yaml')).toMatch(/^about: Two for one\n/)
    expect(text('enrich/doubled', 'cases/sample/customers.csv').trimEnd().split('\n')).toHaveLength(21)
    expect(text('enrich/doubled', 'cases/sample/expected/customers.csv')).toContain('3,31.5,2026-01-04,,63.0\n')
    const tested = await polku(bench.root, 'test', 'enrich/doubled')
    expect(tested).toEqual({ code: 0, error: '', out: 'ok     enrich/doubled sample\n' })
    const { customers: result } = await workspace.node('enrich/doubled', { customers })
    expect((await result?.toRows(4))?.map((row) => row.doubled)).toEqual([0, 21, 42, 63])
  })

  test('given as a definition is written with its functions, settings and what they import', async () => {
    const code = defineNode({
      title: 'Large customers',
      summary: 'Says who is large.',
      inputs: { customers: input('Customers, "one row" each') },
      params: settings({
        value: column('customers', { type: 'number', default: 'value', description: 'What to look at' }),
        limit: Type.Optional(Type.Number({ minimum: 0 })),
      }),
      outputs: { customers: 'The same rows with is_large' },
      errors: { tooHigh: 'Nobody has {limit}.' },
      ...functions(`{
        run({ customers }, { value, limit = 100 }, context) {
          if (limit > 1000) context.fail('tooHigh', { limit })
          return sql\`select *, \${id(value)} >= \${limit} as is_large from \${customers} order by all\`
        },
        report: async ({ customers }, _settings, context) => {
          const [row] = await __polku.wait(context.rows((0, __polku.scope.sql)\`select count(*) filter (where is_large) as n from \${customers}\`))
          context.metric({ name: 'large', label: 'Large customers', value: Number(row?.n), unit: 'count' })
        },
      }`),
    })
    await publish.node('segment/large', { code, sample: { customers }, with: { limit: 150 }, rows: 30 })
    expect(text('segment/large', 'cases/sample/expected/customers.csv')).toMatch(/^15,157\.5,.*,true$/m)
    expect((await polku(bench.root, 'test', 'segment/large')).code).toBe(0)
    const { customers: large } = await workspace.node('segment/large', { customers }, { limit: 500 })
    expect((await large?.toRows())?.filter((row) => row.is_large)).toHaveLength(2)
    await expect(workspace.node('segment/large', { customers }, { limit: 5000 })).rejects.toThrow('Nobody has 5000.')
    await expect(workspace.node('segment/large', { customers }, { limit: -1 })).rejects.toThrow('limit')
  })

  test('published again is left as it is; another one of its name is refused', async () => {
    const file = join(nodes, 'enrich/doubled/doubled.ts')
    const again = await publish.node('enrich/doubled', {
      code: doubled(2),
      sample: { customers },
      about: 'Two for one',
    })
    expect(again.isNew).toBe(false)
    await expect(publish.node('enrich/doubled', { code: doubled(3), sample: { customers } })).rejects.toThrow(
      'exists already',
    )
    expect(readFileSync(file, 'utf8')).toBe(doubled(2))
  })

  test('never takes the place of files that a person put there', async () => {
    const folder = join(nodes, 'enrich/mine')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'notes.md'), 'Mine')
    await expect(publish.node('enrich/mine', { code: doubled(2), sample: { customers } })).rejects.toThrow(
      'exists already',
    )
    expect(readdirSync(folder)).toEqual(['notes.md'])
  })

  const closure = {
    title: 'Tripled',
    summary: 'Uses what only the notebook has.',
    inputs: { customers: input('Customers') },
    params: settings({}),
    outputs: { customers: 'Rows' },
    ...functions(
      '{ run: ({ customers }) => sql`select *, value * ${__polku.scope.factor} as tripled from ${customers} order by all` }',
    ),
  }
  test.each<[string, string, object, string]>([
    ['uses a variable of the notebook', 'enrich/off', { code: closure }, 'factor is not defined'],
    ['is no node', 'enrich/off', { code: 'export default 1' }, 'it has no title'],
    ['is no code', 'enrich/off', { code: '%%%' }, 'enrich/off cannot be used'],
    ['lacks a part', 'enrich/off', { code: { title: 'x' } }, 'it has no summary, inputs, params, outputs, run'],
    ['fails on its sample', 'enrich/off', { code: doubled(2).replaceAll("'value'", "'valeu'") }, 'no column valeu'],
    [
      'gives something else each time',
      'enrich/off',
      { code: doubled(2).replace('* 2', '* ${Math.random()}::double') },
      'instead of',
    ],
    ['has chance in its SQL', 'enrich/off', { code: doubled(2).replace('* 2', '* random()') }, 'its SQL has random()'],
    ['has no sample', 'enrich/off', { sample: {} }, 'customers'],
    ['has a sample that is no table', 'enrich/off', { sample: { customers: [1] } }, 'not a table'],
    ['has a sample named as a path', 'enrich/off', { sample: { '../x': 1 } }, 'not a table'],
    ['climbs out', 'enrich/../../x', {}, 'cannot be a name'],
    ['has no family', 'other/x', {}, 'cannot be a name'],
    ['is one of Polku’s', 'segment/rfm', {}, 'cannot be a name'],
    ['keeps nothing', 'enrich/off', { rows: 0 }, 'would keep 0 rows'],
  ])('that %s is refused and leaves nothing', async (_, name, change, said) => {
    const publication = { code: doubled(2), sample: { customers }, ...change }
    await expect(publish.node(name, publication)).rejects.toThrow(said)
    expect(existsSync(join(nodes, 'enrich/off'))).toBe(false)
    expect(readdirSync(join(bench.root, '.polku/tmp')).filter((file) => file.includes('node'))).toEqual([])
  })
})
