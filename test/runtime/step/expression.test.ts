import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expr, sql } from '../../../nodes/lib/sql.ts'
import type { Row } from '../../../nodes/node.ts'
import { Database } from '../../../runtime/data/database.ts'
import { PolkuError } from '../../../runtime/errors/errors.ts'
import { expressionFaults } from '../../../runtime/step/expression.ts'

const columns = [
  { name: 'amount', type: 'DOUBLE' },
  { name: 'count', type: 'INTEGER' },
  { name: 'since', type: 'DATE' },
  { name: 'name', type: 'VARCHAR' },
  { name: 'active', type: 'BOOLEAN' },
  { name: 'a "quoted" näme', type: 'VARCHAR' },
]
const table = { relation: 'rows', columns, label: 'orders' }
const secret = 'cafe5ec2e7'

// The table on which expressions are checked, the same with rows in `filled`, and secrets all around.
let database: Database
let root = ''

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'polku-test-'))
  mkdirSync(join(root, 'data'))
  database = await Database.open({ folder: root, temporary: join(root, 'tmp') })
  await database.createEmpty('rows', columns)
  await database.createEmpty('filled', columns)
  await database.run(sql`insert into ${{ relation: 'filled', columns }} values
    (1.5, 1, date '2024-02-29', 'Aino', true, 'x'), (-2, 2, date '2025-01-01', 'Eero', false, ''),
    (null, null, null, null, null, null), (1e300, 0, date '1999-12-31', ${'Ääni " \' \\ %'}, true, '[1]')`)
  await database.run(sql`create table other as select ${secret} as secret, 1.0 as amount`)
  writeFileSync(join(root, 'data', 'secret.csv'), `secret\n${secret}\n`)
})

afterAll(() => {
  database.close()
  rmSync(root, { recursive: true })
})

const codes = async (text: string) =>
  (await expressionFaults(database, text, table, 'any')).map(({ error }) => error.code)

describe('accepted', () => {
  test.each([
    'amount * 2',
    '"a ""quoted"" näme"',
    'AMOUNT + Count',
    "case when active then 'yes' else coalesce(name, 'none') end",
    "name like 'A%' and since between date '2024-01-01' and date '2024-12-31'",
    'cast(amount as decimal(18, 2))',
    'try_cast(name as integer)',
    "date_trunc('month', since) + interval 1 month",
    "age(date '2026-10-01', since)",
    'list_sum(list_transform([1, count], lambda x: x * amount))',
    "regexp_extract(name, '(\\w+)', 1)",
    'amount -- the amount',
    'round(amount, 1)',
    "name in ('a', 'b')",
    'extract(year from since)',
    'struct_pack(a := amount).a',
    'null',
  ])('%s', async (text) => expect(await codes(text)).toEqual([]))
})

describe('refused', () => {
  test.each([
    ['1; drop table other', 'EXPRESSION_SYNTAX'],
    ['amount) from other --', 'EXPRESSION_SYNTAX'],
    ['amount\n) from other --', 'EXPRESSION_SYNTAX'],
    ['amount), (select 1', 'EXPRESSION_SYNTAX'],
    ['amount) over (', 'EXPRESSION_SYNTAX'],
    ['amount as x', 'EXPRESSION_SYNTAX'],
    ['amount from other', 'EXPRESSION_SYNTAX'],
    ['amount /*', 'EXPRESSION_SYNTAX'],
    ['', 'EXPRESSION_SYNTAX'],
    ['--', 'EXPRESSION_SYNTAX'],
    ["'", 'EXPRESSION_SYNTAX'],
    ['amount \0', 'EXPRESSION_SYNTAX'],
    ['(select secret from other)', 'EXPRESSION_NOT_SCALAR'],
    ['amount in (select amount from other)', 'EXPRESSION_NOT_SCALAR'],
    ['amount in (from other)', 'EXPRESSION_NOT_SCALAR'],
    ['exists (from other)', 'EXPRESSION_NOT_SCALAR'],
    ['amount = any (select amount from other)', 'EXPRESSION_NOT_SCALAR'],
    ['array (select secret from other)', 'EXPRESSION_NOT_SCALAR'],
    ['list_transform([1], lambda x: (select secret from other))', 'EXPRESSION_NOT_SCALAR'],
    ['sum(amount) over ()', 'EXPRESSION_NOT_SCALAR'],
    ['row_number() over (order by amount)', 'EXPRESSION_NOT_SCALAR'],
    ['*', 'EXPRESSION_NOT_SCALAR'],
    ["columns('a.*')", 'EXPRESSION_NOT_SCALAR'],
    ['$1', 'EXPRESSION_NOT_SCALAR'],
    ['?', 'EXPRESSION_NOT_SCALAR'],
    ['#1', 'EXPRESSION_NOT_SCALAR'],
    ['default', 'EXPRESSION_NOT_SCALAR'],
    ['sum(amount)', 'EXPRESSION_FUNCTION'],
    ['count(*)', 'EXPRESSION_FUNCTION'],
    ['first(name)', 'EXPRESSION_FUNCTION'],
    ['unnest([1, 2])', 'EXPRESSION_FUNCTION'],
    ["read_text('/etc/passwd')", 'EXPRESSION_FUNCTION'],
    ["read_csv('data/secret.csv')", 'EXPRESSION_FUNCTION'],
    ["glob('/etc/*')", 'EXPRESSION_FUNCTION'],
    ["query('select 1')", 'EXPRESSION_FUNCTION'],
    ["json_execute_serialized_sql('x')", 'EXPRESSION_FUNCTION'],
    ["json_serialize_plan('from other')", 'EXPRESSION_FUNCTION'],
    ["getenv('HOME')", 'EXPRESSION_FUNCTION'],
    ["getvariable('x')", 'EXPRESSION_FUNCTION'],
    ["current_setting('memory_limit')", 'EXPRESSION_FUNCTION'],
    ["error('x')", 'EXPRESSION_FUNCTION'],
    ["write_log('x')", 'EXPRESSION_FUNCTION'],
    ['pg_sleep(1)', 'EXPRESSION_FUNCTION'],
    ['sleep_ms(1)', 'EXPRESSION_FUNCTION'],
    ['random()', 'EXPRESSION_FUNCTION'],
    ['uuid()', 'EXPRESSION_FUNCTION'],
    ['now()', 'EXPRESSION_FUNCTION'],
    ['today()', 'EXPRESSION_FUNCTION'],
    ['age(since)', 'EXPRESSION_FUNCTION'],
    ['current_localtimestamp()', 'EXPRESSION_FUNCTION'],
    ["nextval('s')", 'EXPRESSION_FUNCTION'],
    ['vector_type(amount)', 'EXPRESSION_FUNCTION'],
    ['rond(amount)', 'EXPRESSION_FUNCTION'],
    ['current_date', 'COLUMN_UNKNOWN'],
    ['current_user', 'COLUMN_UNKNOWN'],
    ['localtimestamp', 'COLUMN_UNKNOWN'],
    ['rowid', 'COLUMN_UNKNOWN'],
    ['other.secret', 'COLUMN_UNKNOWN'],
    ['rows', 'COLUMN_UNKNOWN'],
    ['rows.amount', 'COLUMN_UNKNOWN'],
    ['"Amount "', 'COLUMN_UNKNOWN'],
    ['amount + name', 'EXPRESSION_BIND'],
    ['name::regclass', 'EXPRESSION_BIND'],
    ['grouping(amount)', 'EXPRESSION_BIND'],
  ])('%j: %s', async (text, code) => expect([...new Set(await codes(text))]).toContain(code))

  test('of another class than is wanted', async () => {
    const problems = async (text: string, type: 'number' | 'boolean' | 'date' | 'text') =>
      (await expressionFaults(database, text, table, type)).map(({ error }) => error.toProblem())
    expect(await problems('amount > 1', 'boolean')).toEqual([])
    expect(await problems('null', 'number')).toEqual([])
    expect(await problems('name', 'number')).toMatchObject([
      { code: 'EXPRESSION_TYPE', actual: 'text', expected: 'An expression that gives a number.' },
    ])
    expect(await problems('amount', 'boolean')).toMatchObject([
      { code: 'EXPRESSION_TYPE', expected: 'An expression that gives true or false.' },
    ])
    expect(await problems('[amount]', 'number')).toMatchObject([{ code: 'EXPRESSION_TYPE', actual: 'other' }])
  })

  test('with the place in the text and the nearest name', async () => {
    const [fault] = await expressionFaults(database, 'round(2 * amuont)', table, 'any')
    expect(fault?.offset).toBe(10)
    expect(fault?.error.toProblem().expected).toBe('Did you mean amount?')
    const all = await expressionFaults(database, 'amuont + cuont + rond(1)', table, 'any')
    expect(all.map(({ error, offset }) => [error.code, offset])).toEqual([
      ['COLUMN_UNKNOWN', 0],
      ['COLUMN_UNKNOWN', 9],
      ['EXPRESSION_FUNCTION', 17],
    ])
  })
})

// Texts made of the words of SQL, so that many are accepted and many come close.
const words =
  "amount|count|since|name|active|\"a \"\"quoted\"\" näme\"|other|secret|filled|rows|input|1|-2.5|'x'|null|true|date '2024-02-29'|interval 1 day|+|-|*|/|%|=|<>|<|>=|and|or|not|is null|in|between|like|case|when|then|else|end|(|)|(|)|[|]|,|;|::|integer|varchar|cast|as|from|select|where|union|over|filter|distinct|exists|any|all|array|order by|lambda|x|:|->|--|/*|*/|$1|?|#1|@|coalesce(|round(|upper(|sum(|count(|list_transform(|unnest(|read_text(|read_csv(|random(|now(|json(|struct_pack(|a :=|row(|limit 1|'data/secret.csv'|'/etc/passwd'|table|values|lateral|.|\\|\"|'|\n".split(
    '|',
  )
// And trees whose types mostly fit, with here and there what must be refused.
type Trees = { number: string; text: string; truth: string }
const call = (names: readonly string[], ...operands: fc.Arbitrary<string>[]) =>
  fc.tuple(fc.constantFrom(...names), ...operands).map(([name, ...pieces]) => `${name}(${pieces.join(', ')})`)
const between = (operators: readonly string[], left: fc.Arbitrary<string>, right: fc.Arbitrary<string>) =>
  fc.tuple(left, fc.constantFrom(...operators), right).map((pieces) => `(${pieces.join(' ')})`)
const choice = (truth: fc.Arbitrary<string>, value: fc.Arbitrary<string>) =>
  fc.tuple(truth, value, value).map(([when, one, other]) => `case when ${when} then ${one} else ${other} end`)
const trees = fc.letrec<Trees>((tie) => ({
  number: fc.oneof(
    { maxDepth: 3, depthSize: 'medium' },
    fc.constantFrom('amount', 'count', '1', '-0.5', 'null', 'year(since)'),
    between(['+', '-', '*', '/', '%', '//'], tie('number'), tie('number')),
    call(['abs', 'round', 'hash', 'sqrt', 'exp', 'sign'], tie('number')),
    call(['length', 'hash', 'jaro_winkler_similarity(name, name) + length'], tie('text')),
    choice(tie('truth'), tie('number')),
    tie('number').map((inner) => `list_sum(list_transform([1, count], lambda x: x + ${inner}))`),
    tie('text').map((inner) => `try_cast(${inner} as integer)`),
    fc.constantFrom(
      'sum(amount)',
      'random()',
      '(select amount from other)',
      'sum(amount) over ()',
      'age(since)',
      'rowid',
    ),
  ),
  text: fc.oneof(
    { maxDepth: 3, depthSize: 'medium' },
    fc.constantFrom('name', "'x'", '"a ""quoted"" näme"', "''", 'null'),
    between(['||'], tie('text'), tie('text')),
    call(['upper', 'md5', 'trim', 'reverse', 'strip_accents'], tie('text')),
    call(['typeof', 'cast(to_json'], tie('number')).map((inner) =>
      inner.startsWith('cast(') ? `${inner} as varchar)` : inner,
    ),
    choice(tie('truth'), tie('text')),
    fc.constantFrom(
      "read_text('/etc/passwd')",
      '(select secret from other)',
      'string_agg(name)',
      'uuid()',
      'version()',
    ),
  ),
  truth: fc.oneof(
    { maxDepth: 3, depthSize: 'medium' },
    fc.constantFrom('active', 'true', 'null', "since > date '2024-01-01'"),
    between(['and', 'or'], tie('truth'), tie('truth')),
    between(['=', '<', 'is distinct from'], tie('number'), tie('number')),
    between(
      ['like', '=', 'in'],
      tie('text'),
      tie('text').map((inner) => `(${inner})`),
    ),
    tie('truth').map((inner) => `not ${inner}`),
    fc.constantFrom('exists (from other)', 'amount in (select amount from other)'),
  ),
}))
const tree = fc.oneof(trees.number, trees.text, trees.truth)
const text = fc.oneof(
  { weight: 5, arbitrary: tree },
  fc.array(fc.constantFrom(...words), { maxLength: 14 }).map((pieces) => pieces.join(' ')),
  fc
    .tuple(tree, fc.string({ maxLength: 6 }), fc.nat(40))
    .map(([one, piece, at]) => one.slice(0, at) + piece + one.slice(at)),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
)

test('any text is refused with a known error, or is truly scalar: one value for each row, from that row alone', async () => {
  const counts = { accepted: 0, refused: 0 }
  const run = (expression: string, where: string): Promise<Row[] | string> =>
    database
      .rows(
        sql`select count as n, ${expr(expression)} as value from ${{ relation: 'filled', columns }} ${{ strings: [where], values: [] }}`,
      )
      // What a value makes impossible (1/0 in a cast, a date out of range) shows only when it runs.
      .catch((error: unknown) => String(error).split('\n')[0] ?? '')
  await fc.assert(
    fc.asyncProperty(text, async (expression) => {
      const faults = await expressionFaults(database, expression, table, 'any')
      for (const { error, offset } of faults) {
        expect(error).toBeInstanceOf(PolkuError)
        expect(error.code).toMatch(/^(EXPRESSION_|COLUMN_UNKNOWN)/)
        if (offset !== undefined) expect(offset).toBeLessThanOrEqual(expression.length)
      }
      if (faults.length > 0) {
        counts.refused += 1
        return
      }
      counts.accepted += 1
      const whole = await run(expression, '')
      expect(JSON.stringify(whole)).not.toContain(secret)
      expect(JSON.stringify(whole)).not.toContain('root:')
      if (typeof whole === 'string') return
      expect(whole.map((row) => row.n)).toEqual([1, 2, null, 0])
      expect(await run(expression, '')).toEqual(whole)
      for (const row of whole)
        expect(await run(expression, row.n === null ? 'where count is null' : `where count = ${row.n}`)).toEqual([row])
    }),
    { numRuns: 1500 },
  )
  expect(counts.accepted).toBeGreaterThan(150)
  expect(counts.refused).toBeGreaterThan(150)
  expect(await database.rows(sql`select count(*) as n from ${{ relation: 'other', columns: [] }}`)).toEqual([{ n: 1 }])
})

test('every function of DuckDB that is accepted gives the same for the same row, today and tomorrow', async () => {
  const names = await database.rows(sql`
      select distinct function_name as name from duckdb_functions() where regexp_matches(function_name, '^[a-z_0-9]+$') order by 1`)
  const accepted: string[] = []
  for (const { name } of names) {
    const faults = await expressionFaults(database, `"${name}"()`, table, 'any')
    if (faults.every(({ error }) => error.code === 'EXPRESSION_BIND')) accepted.push(String(name))
  }
  // Nothing of the clock, of chance, of the session, of the catalogue or of files is among them.
  const doubtful =
    /now|today|random|uuid$|uuidv|current|local|session|user|setting|variable|nextval|currval|seed|sleep|query|read_|write|glob|pg_|privilege|env|log_|search_path|serialize_plan|vector_type|^error$|attach|pragma|duckdb_|internal/
  expect(accepted.filter((name) => doubtful.test(name))).toEqual([])
  expect(accepted).toEqual(
    expect.arrayContaining(
      ['abs', 'coalesce', 'round', 'date_trunc', 'regexp_matches', 'list_sum'].filter((name) => name !== 'coalesce'),
    ),
  )
})
