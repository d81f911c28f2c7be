import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { projectRoot } from '../../../runtime/data/installation.ts'
import type { ProblemRecord } from '../../../runtime/errors/problem.ts'
import { withWorkspace } from '../../workspace.ts'

// A client's own nodes with one mistake each, and what their author is reported.

interface Written {
  readonly inputs?: string
  readonly params?: string
  readonly more?: string
  readonly head?: string
  readonly run?: string
}

const written = ({ inputs = '', params = '', more = '', head = '', run = '' }: Written): string =>
  `import { column, defineNode, expression, input, settings, Type } from 'polku/node'
import { id, sql } from 'polku/sql'
${head}
export default defineNode({
  title: 'Mine',
  summary: 'Has a mistake.',
  inputs: { orders: input('Purchases') ${inputs} },
  params: settings({ amount: column('orders', { default: 'amount' }), ${params} }),
  outputs: { rows: 'Rows' },
  ${more}
  run: ${run || '({ orders }) => sql`select * from ${orders}`'},
})
`

const mistakes: Readonly<Record<string, { readonly text: string; readonly problem: Partial<ProblemRecord> }>> = {
  'a column in its SQL': {
    text: written({
      run: '({ orders }, { amount }) => sql`select *,\n      amuont * 2 as twice,\n      ${id(amount)} as same\n    from ${orders}`',
    }),
    problem: {
      code: 'NODE_SQL',
      line: 12,
      column: 7,
      step: 'mine',
      message: expect.stringContaining('Referenced column "amuont" not found'),
      actual: expect.stringMatching(/select \*, amuont \* 2 as twice/),
      expected: expect.stringContaining('"amount"'),
    },
  },
  'a function in a piece of its SQL': {
    text: written({
      head: 'const half = (name) => sql`havle(${id(name)})`',
      run: '({ orders }, { amount }) => sql`select ${half(amount)} as half from ${orders}`',
    }),
    problem: { code: 'NODE_SQL', line: 3, column: 28, message: expect.stringContaining('havle') },
  },
  'SQL that is none': {
    text: written({ run: '({ orders }) => sql`select * form ${orders}`' }),
    problem: { code: 'NODE_SQL', line: 11, message: expect.stringContaining('syntax error') },
  },
  'SQL that it runs itself': {
    text: written({
      more: 'plan: ({ orders }) => sql`select 1 as one`,',
      run: 'async ({ orders }, _settings, context) => {\n    await context.rows(sql`select nothing from ${orders}`)\n    return sql`select 1 as one`\n  }',
    }),
    problem: { code: 'NODE_SQL', line: 12, step: 'mine', message: expect.stringContaining('nothing') },
  },
  'code that throws': {
    text: written({ run: '({ orders }) => {\n    const none = undefined\n    return none.sql\n  }' }),
    problem: { code: 'NODE_FAILED', line: 13, column: 17, message: expect.stringContaining("reading 'sql'") },
  },
  'a text that is thrown': {
    text: written({ run: "() => {\n    throw 'no licence'\n  }" }),
    problem: { code: 'NODE_FAILED', message: expect.stringContaining('no licence') },
  },
  'a file that it reads and is not there': {
    text: written({
      head: "import { readFile } from 'node:fs/promises'",
      run: "async ({ orders }) => {\n    await readFile('/no/such')\n    return sql`from ${orders}`\n  }",
    }),
    problem: { code: 'NODE_FAILED', line: 12, message: expect.stringContaining('ENOENT') },
  },
  'an argument that Node refuses': {
    text: written({
      head: "import { readFileSync } from 'node:fs'",
      run: '() => {\n    readFileSync(undefined)\n  }',
    }),
    problem: { code: 'NODE_FAILED', line: 12, message: expect.stringContaining('must be of type string') },
  },
  'a run that gives nothing': {
    text: written({ run: '() => {}' }),
    problem: { message: expect.stringContaining('its run() gives no query') },
  },
  'a run that gives a text': {
    text: written({ run: "() => ({ rows: 'select 1' })" }),
    problem: { message: expect.stringContaining('what it gives for rows is no query') },
  },
  'a run that is none': {
    text: written({ run: "'select 1'" }),
    problem: { line: 11, message: expect.stringContaining('its run is none') },
  },
  'a figure without traces': {
    text: written({
      more: "report: (_outputs, _settings, context) => context.figure({ title: 'Steps', description: 'Steps', data: [null] }),",
    }),
    problem: { code: 'FIGURE_INVALID', step: 'mine', message: expect.stringContaining('no list of traces') },
  },
  'the time of the clock': {
    text: written({ run: '({ orders }) => sql`select *, CURRENT_DATE as today from ${orders}`' }),
    problem: {
      line: 11,
      message: expect.stringContaining('its SQL has CURRENT_DATE'),
      expected: expect.stringContaining('asOfDate()'),
    },
  },
  'chance by a name in quotes': {
    text: written({ run: '({ orders }) => sql`select *, "random"() as chance from ${orders}`' }),
    problem: { message: expect.stringContaining('its SQL has random()') },
  },
  'a unit of a metric': {
    text: written({
      more: "report: (_outputs, _settings, context) => context.metric({ name: 'sum', label: 'Sum', value: 1, unit: 'mony' }),",
    }),
    problem: { message: expect.stringContaining('its metric sum has the unit mony'), expected: 'Did you mean money?' },
  },
  'a value of a metric': {
    text: written({
      more: "report: (_outputs, _settings, context) => context.metric({ name: 'sum', label: 'Sum', value: 5n, unit: 'count' }),",
    }),
    problem: { message: expect.stringContaining('its metric sum is no number: 5') },
  },
  'a cell of a table': {
    text: written({
      more: "report: (_outputs, _settings, context) => context.table({ title: 'Days', columns: ['day'], rows: [[new Date(0)]] }),",
    }),
    problem: { message: expect.stringContaining('its table “Days” has a cell that is Date'), step: 'mine' },
  },
  'an import of a file': {
    text: written({ head: "import { words } from './wrods.ts'" }),
    problem: {
      line: 3,
      column: 23,
      message: expect.stringMatching(/it imports \.\/wrods\.ts, which is not there/),
      expected: 'Did you mean words.ts?',
    },
  },
  'an import of a package': {
    text: written({ head: "import lodash from 'no-such-package'" }),
    problem: { line: 3, column: 20, message: expect.stringContaining('it imports no-such-package') },
  },
  'an import of Polku': {
    text: written({ head: "import { random } from 'polku/lib/randon'" }),
    problem: {
      line: 3,
      column: 24,
      message: expect.stringContaining('it imports polku/lib/randon'),
      expected: 'Did you mean polku/lib/random?',
    },
  },
  'an import of a name': {
    text: written({ head: "import { wrods } from './words.ts'" }),
    problem: { line: 3, column: 10, message: expect.stringContaining("does not provide an export named 'wrods'") },
  },
  syntax: {
    text: written({ more: "metrics: { large: 'Large' }" }),
    problem: { line: 11, column: 3, message: expect.stringContaining('its code cannot be read: ') },
  },
  'syntax that needs more than types taken away': {
    text: written({ head: 'enum Size { Small, Large }' }),
    problem: { line: 3, expected: expect.stringContaining('no enum') },
  },
  'code that throws while it is loaded': {
    text: written({ head: "const price = JSON.parse('{')" }),
    problem: { message: expect.stringContaining('it throws while it is loaded') },
  },
  'an error of its own while it is loaded': {
    text: written({ head: "const check = () => {\n  throw new Error('no licence')\n}\ncheck()" }),
    problem: { line: 4, column: 9, message: expect.stringContaining('it throws while it is loaded: no licence') },
  },
  'an input of a setting': {
    text: written({ params: "name: column('ordes')," }),
    problem: {
      line: 8,
      message: expect.stringContaining('its setting name is a column of the input ordes'),
      expected: 'Did you mean orders?',
    },
  },
  'an input of a list of expressions': {
    text: written({ params: "names: Type.Array(Type.Object({ by: expression('oders') }), { default: [] })," }),
    problem: { line: 8, message: expect.stringContaining('its setting names.by is an expression of the input oders') },
  },
  'a key of its declaration': {
    text: written({ more: "metric: { large: 'Large' }," }),
    problem: {
      line: 10,
      column: 3,
      message: expect.stringContaining('defineNode takes no metric'),
      expected: 'Did you mean metrics?',
    },
  },
  'a default that is no value': {
    text: written({ params: 'share: Type.Number({ default: 2, maximum: 1 }),' }),
    problem: { line: 8, message: expect.stringContaining('the default of its setting share is none of its values') },
  },
  chance: {
    text: written({ run: '({ orders }) => sql`\n    select *, random() as chance from ${orders}`' }),
    problem: {
      line: 12,
      column: 15,
      message: expect.stringContaining('its SQL has random()'),
      expected: expect.stringContaining('hash(key, ${context.seed})'),
    },
  },
  'a sample': {
    text: written({ run: '({ orders }) => sql`from ${orders} using sample 10%`' }),
    problem: { line: 11, message: expect.stringContaining('its SQL has using sample') },
  },
  'an output': {
    text: written({ run: '({ orders }) => ({ row: sql`from ${orders}` })' }),
    problem: {
      message: expect.stringContaining('it gives row, which is none of its outputs'),
      expected: 'Did you mean rows?',
    },
  },
  'an error that it does not declare': {
    text: written({
      more: "errors: { tooFew: 'Too few' },",
      run: "(_inputs, _settings, context) => context.fail('toFew')",
    }),
    problem: { message: expect.stringContaining('it fails with toFew'), expected: 'Did you mean tooFew?' },
  },
  'a figure that cannot be drawn': {
    text: written({
      more: "report: (_outputs, _settings, context) => context.figure({ title: 'Steps', description: 'Steps', data: [{ type: 'funnel', x: [1] }, { type: 'bar', x: [1] }] }),",
    }),
    problem: {
      code: 'FIGURE_INVALID',
      step: 'mine',
      message: expect.stringMatching(/cannot be drawn: it has traces of a kind .*: funnel\. It is “Steps”/),
      expected: expect.stringContaining('bar'),
    },
  },
}

/** The problems of a run with each node, done by one process: the tests' runner reads modules in another way than Node. */
function problemsOf(root: string, texts: readonly string[]): (readonly ProblemRecord[])[] {
  const files: Record<string, string> = {}
  for (const [index, text] of texts.entries()) {
    files[`nodes/enrich/mine-${index}/mine-${index}.ts`] = text
    files[`nodes/enrich/mine-${index}/words.ts`] = 'export const words = 1\n'
    files[`flows/f${index}.yaml`] =
      `flow: f${index}\nsteps:\n  orders: { uses: import/csv, with: { path: data/orders.csv } }\n  mine: { uses: enrich/mine-${index}, from: orders }\n`
  }
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  const of = (file: string) => JSON.stringify(join(projectRoot, file))
  const script = `
    import { Engine } from ${of('runtime/engine/engine.ts')}
    import { toProblems } from ${of('runtime/errors/problems.ts')}
    import { silent } from ${of('runtime/run/progress.ts')}
    const engine = await Engine.open(${JSON.stringify(root)})
    const problems = []
    for (let index = 0; index < ${texts.length}; index++) {
      const options = { progress: silent, signal: new AbortController().signal, now: Date.now }
      problems.push(await engine.run({ flow: 'f' + index, params: {}, asOf: '2026-10-01' }, options)
        .then(({ problem }) => (problem ? [problem] : []), toProblems))
    }
    await engine.close()
    console.log(JSON.stringify(problems))`
  const out = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })
  return JSON.parse(out)
}

test('the mistakes of a client’s own node are reported to its author with file, line and what would be right', () =>
  withWorkspace(async (root) => {
    const cases = Object.entries(mistakes)
    const problems = problemsOf(
      root,
      cases.map(([, { text }]) => text),
    )
    const reported = cases.map(([name], index) => [name, problems[index]])
    expect(reported).toEqual(
      cases.map(([name, { problem }], index) => [
        name,
        [expect.objectContaining({ code: 'NODE_INVALID', file: fileOf(root, index, problem), ...problem })],
      ]),
    )
  }))

const fileOf = (root: string, index: number, { code }: Partial<ProblemRecord>): unknown =>
  code === 'FIGURE_INVALID' ? expect.anything() : join(root, 'nodes', 'enrich', `mine-${index}`, `mine-${index}.ts`)
