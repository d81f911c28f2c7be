import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBench } from '../../../nodes/one-node.ts'
import { resultOf, TestKernel } from './harness.ts'

// A workspace's own nodes in the kernel: typed without a command, whatever lies in its folder.

const { root, close } = openBench()
let kernel: TestKernel

const score = (factor: number) => `import { column, defineNode, input, settings, Type } from 'polku/node'
import { id, sql } from 'polku/sql'
export default defineNode({
  title: 'My score', summary: 'Multiplies. */ } \`x\` "y"',
  inputs: { customers: input('Customers, */ one row each') },
  params: settings({
    value: column('customers', { type: 'number', default: 'the */ "value"' }),
    factor: Type.Integer({ minimum: 1, default: ${factor}, description: 'What to multiply with' }),
    'an "odd" */ name': Type.Optional(Type.Enum(['a', "it's"])),
  }),
  outputs: { customers: 'The same rows with the score' },
  run: ({ customers }, { value, factor }) => sql\`select *, \${id(value)} * \${factor} as score from \${customers} order by all\`,
})
`
function write(name: string, text: string): void {
  const folder = join(root, 'nodes', name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name.split('/')[1]}.ts`), text)
}

beforeAll(async () => {
  write('enrich/my-score', score(2))
  write('enrich/broken', 'export default {{')
  write('enrich/an "odd" *', score(5))
  write('segment/rfm', score(2))
  write('measure/strange', score(2).replace('Type.Integer({', "Type.Unsafe({ type: '} evil', const: 1n,"))
  kernel = await TestKernel.start([], root)
})
afterAll(async () => {
  await kernel.close()
  await close()
})

const run = async (code: string) => {
  const answer = await kernel.run(code)
  const { status, ename, evalue } = answer.reply
  return status === 'ok' ? resultOf(answer) : `${ename}: ${evalue}`
}
const complete = async (code: string) =>
  (await kernel.request('complete_request', { code, cursor_pos: code.length })).reply.matches

test('are functions with documentation, completion and checks, in the first cell already', async () => {
  expect(
    await run(`import { open, publish } from 'polku'
const workspace = await open()
const customers = await workspace.sql\`select 1 as customer_id, 5 as value\`
const scored = await workspace.enrich.myScore({ customers }, { value: 'value', factor: 3 })
;(await scored.customers.toRows())[0]?.score`),
  ).toBe('15')
  expect(await complete('workspace.enrich.my')).toEqual(['myScore'])
  expect(await complete('workspace.enrich.myScore({ customers }, { fac')).toEqual(['factor'])
  const code = 'workspace.enrich.myScore'
  const { reply } = await kernel.request('inspect_request', { code, cursor_pos: code.length - 2, detail_level: 0 })
  expect(JSON.stringify(reply)).toContain('Node `enrich/my-score`')
  expect(await run('workspace.enrich.myScore({ customers }, { factr: 3 })')).toContain("'factr' does not exist")
  expect(await run("workspace.enrich.myScore({ customers }, { factor: 'x' })")).toContain('not assignable')
  expect(await run("workspace.enrich['an \"odd\" *']({ customers }, { 'an \"odd\" */ name': 'b' })")).toContain(
    '"it\'s"',
  )
  expect(existsSync(join(root, '.polku/nodes.d.ts'))).toBe(true)
})

test('that are broken, strange or take a name of Polku’s trouble only who calls them', async () => {
  expect(await run('await workspace.enrich.broken({})')).toContain('enrich/broken cannot be used')
  expect(await run('await workspace.measure.strange({ whatever: 1 })')).toContain('its settings are no JSON Schema')
  expect(await run('await workspace.segment.rfm({ orders: customers })')).toContain('Polku has a node of that name')
  expect(await run('workspace.segment.rfm({ orders: customers }, { clases: 3 })')).toContain("'clases' does not exist")
})

test('are known as soon as they are published, and as they are when they are edited', async () => {
  const code = JSON.stringify(score(4).replaceAll('score', 'points'))
  expect(
    await run(
      `(await publish.node('enrich/points', { code: ${code}, sample: { customers }, with: { value: 'value' } })).name`,
    ),
  ).toBe("'enrich/points'")
  const call =
    "(await (await workspace.enrich.points({ customers }, { value: 'value' })).customers.toRows())[0]?.points"
  expect(await run(call)).toBe('20')
  write('enrich/points', score(7).replaceAll('score', 'points').replaceAll('factor', 'times'))
  expect(await run(call)).toBe('35')
  expect(await run('workspace.enrich.points({ customers }, { factor: 1 })')).toContain("'factor' does not exist")
})
