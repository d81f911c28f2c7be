import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CodeCell } from '../../../../runtime/notebook/nbformat/cells.ts'
import { notebookParameters, withInjected } from '../../../../runtime/notebook/parameters/injected.ts'
import { type Parameter, resolveParameters } from '../../../../runtime/notebook/parameters/parameters.ts'

const cell = (source: string, tags: string[] = []): CodeCell => ({
  cell_type: 'code',
  id: `cell-${source.length}`,
  metadata: { tags },
  source,
  outputs: [],
  execution_count: null,
})
const declared = (source: string, language = 'typescript') =>
  notebookParameters([cell(source, ['parameters'])], language)
const injected = (parameters: readonly Parameter[], values: Parameters<typeof withInjected>[2], language: string) =>
  withInjected([cell('', ['parameters'])], parameters, values, language)[1]?.source ?? ''

describe('a TypeScript cell declares', () => {
  test.each([
    ['const n = 5', { kind: 'number', list: false, nullable: false }, 5],
    ['export const n = -1.5e3', { kind: 'number', list: false, nullable: false }, -1500],
    ["let n: string = 'a\\n\\u{1F600}' // why", { kind: 'text', list: false, nullable: false }, 'a\n😀'],
    ['const n = `plain`', { kind: 'text', list: false, nullable: false }, 'plain'],
    ['const n = true as boolean', { kind: 'boolean', list: false, nullable: false }, true],
    ['const n = [1, -2]', { kind: 'number', list: true, nullable: false }, [1, -2]],
    ['const n: readonly string[] = []', { kind: 'text', list: true, nullable: false }, []],
    ['const n: Array<boolean> = [true]', { kind: 'boolean', list: true, nullable: false }, [true]],
    ['const n: number | null = null', { kind: 'number', list: false, nullable: true }, null],
    ["const n: 'a' | 'b' = 'a'", { kind: 'text', list: false, nullable: false, options: ['a', 'b'] }, 'a'],
    ["const n: ('a' | 'b')[] | null = null", { kind: 'text', list: true, nullable: true, options: ['a', 'b'] }, null],
    ['type Mode = string\nconst n: Mode = "x"', { kind: 'text', list: false, nullable: false }, 'x'],
  ])('%s', async (source, type, value) => {
    expect(await declared(source)).toEqual([expect.objectContaining({ name: 'n', type, default: value })])
  })

  test.each([
    'const n = compute()',
    'const n = null',
    'const n = [1, "a"]',
    'const { n } = { n: 1 }',
    'n = 5',
    'let n: number',
    'const n = `${x}`',
  ])('no parameter by %s', async (source) => expect(await declared(source)).toEqual([]))
})

describe('a Python cell declares', () => {
  test.each([
    ['n = 5', { kind: 'number', list: false, nullable: false }, 5],
    ['n: int = 1_000  # rows', { kind: 'integer', list: false, nullable: false }, 1000],
    ['n = -1.5e-3', { kind: 'number', list: false, nullable: false }, -0.0015],
    ["n = 'a\\'b\\n\\U0001F600'", { kind: 'text', list: false, nullable: false }, "a'b\n😀"],
    ['n = "# no comment" # one', { kind: 'text', list: false, nullable: false }, '# no comment'],
    ['n = True', { kind: 'boolean', list: false, nullable: false }, true],
    ['n = ["a", \'b\',]', { kind: 'text', list: true, nullable: false }, ['a', 'b']],
    ['n: list[int] = []', { kind: 'integer', list: true, nullable: false }, []],
    ['n: Optional[str] = None', { kind: 'text', list: false, nullable: true }, null],
    ['n: float | None = 2', { kind: 'number', list: false, nullable: true }, 2],
  ])('%s', async (source, type, value) => {
    expect(await declared(source, 'python')).toEqual([expect.objectContaining({ name: 'n', type, default: value })])
  })

  test.each([
    'n = None',
    'n = f(1)',
    'n == 5',
    '  n = 5',
    'n = 5; m = 6',
    'n = [1, "a"]',
    'n = 1 + 1',
    "n = '''a'''",
    'n = 5\nn = now()',
  ])('no parameter by %s', async (source) => expect(await declared(source, 'python')).toEqual([]))
})

test('a language that Polku cannot write is refused only where it declares parameters', async () => {
  await expect(declared('n <- 5', 'R')).rejects.toMatchObject({ code: 'NOTEBOOK_PARAM_LANGUAGE' })
  expect(await notebookParameters([cell('n <- 5')], 'R')).toEqual([])
})

describe('given values', () => {
  const source =
    "const budget = 5000\nconst city: string | null = null\nconst on = false\nconst ids = [1]\nconst mode: 'a' | 'b' = 'a'\nconst cities = ['x']"

  test('of the command line become what the types say', async () => {
    const assigned = { budget: '1e3', city: 'null', on: 'true', ids: '1, 2', mode: 'b', cities: '["a,b","c"]' }
    expect(resolveParameters(await declared(source), assigned, 'x.ipynb')).toEqual({
      budget: 1000,
      city: null,
      on: true,
      ids: [1, 2],
      mode: 'b',
      cities: ['a,b', 'c'],
    })
  })

  test('that are unknown or mistyped are all told at once, with what would be right', async () => {
    const parameters = await declared(source)
    const assigned = { budgt: '1', budget: 'much', on: 'yes', ids: '1,x', mode: 'c', city: {}, constructor: '1' }
    const problems = () => {
      try {
        resolveParameters(parameters, assigned, 'x.ipynb')
      } catch (error) {
        return (error as { errors: { toProblem(): object }[] }).errors.map((one) => one.toProblem()) // PolkuErrors
      }
    }
    expect(problems()).toMatchObject([
      { code: 'NOTEBOOK_PARAM_UNKNOWN', actual: 'budgt', expected: expect.stringContaining('budget') },
      { code: 'PARAM_INVALID', actual: 'much', expected: 'A number.' },
      { code: 'PARAM_INVALID', actual: 'yes', expected: 'true or false.' },
      { code: 'PARAM_INVALID', actual: '1,x', expected: 'A list of numbers, such as [1.5,2].' },
      { code: 'PARAM_INVALID', actual: 'c', expected: 'One of "a", "b".' },
      { code: 'PARAM_INVALID', expected: 'A text, or null.' },
      { code: 'NOTEBOOK_PARAM_UNKNOWN', actual: 'constructor' },
    ])
  })

  test('whole numbers that JavaScript cannot hold are refused', async () => {
    const parameters = await declared('n: int = 1', 'python')
    for (const n of ['9007199254740993', '1.5', '']) expect(() => resolveParameters(parameters, { n }, 'x')).toThrow()
    expect(resolveParameters(parameters, { n: '9007199254740991' }, 'x')).toEqual({ n: 9007199254740991 })
  })
})

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '"',
    "'",
    '\\',
    '\n',
    '\r\n',
    '\u2028',
    '\u0000',
    '${x}',
    '`',
    '"""',
    '\ud800',
    '😀',
    '\u200d',
    '\u202e',
    '\\u0041',
  ),
)
const texts = fc.array(text, { maxLength: 5 }).map((pieces) => pieces.join(''))

describe('injected values', () => {
  test('stand in a cell of their own after the declared ones, in place of those of an earlier run', async () => {
    const cells = [
      cell('// title'),
      cell('const n = 1', ['parameters']),
      cell('old', ['injected-parameters']),
      cell('n'),
    ]
    const parameters = await notebookParameters(cells, 'typescript')
    const first = withInjected(cells, parameters, { n: 2 }, 'typescript')
    expect(first.map(({ source }) => source)).toEqual([
      '// title',
      'const n = 1',
      '// Parameters of this run\nconst n: number = 2',
      'n',
    ])
    expect(first[2]?.metadata).toEqual({ tags: ['injected-parameters'] })
    expect(withInjected(cells, parameters, {}, 'typescript').map(({ source }) => source)).toEqual([
      '// title',
      'const n = 1',
      'n',
    ])
  })

  test('any text is one TypeScript literal on one line, and means itself', () => {
    const parameters: Parameter[] = [{ name: 'x', type: { kind: 'text', list: true, nullable: false }, default: [] }]
    fc.assert(
      fc.property(fc.array(texts), (x) => {
        const source = injected(parameters, { x }, 'javascript')
        expect(source.split(/[\n\r\u2028\u2029]/)).toHaveLength(2)
        expect(runInNewContext(`${source}\nJSON.stringify(x)`)).toBe(JSON.stringify(x))
      }),
    )
  })

  test('null, lists and negative zero are written as each language has them', () => {
    const type = { kind: 'number', list: true, nullable: true } as const
    const parameters: Parameter[] = [{ name: 'x', type, default: null }]
    expect(injected(parameters, { x: null }, 'typescript')).toContain('const x: number[] | null = null')
    expect(injected(parameters, { x: [1, -0] }, 'typescript')).toContain('= [1, -0]')
    expect(injected(parameters, { x: null }, 'python')).toContain('x = None')
    expect(injected(parameters, { x: [true, 1e21] }, 'python')).toContain('x = [True, 1e+21]')
  })

  const python = '/usr/bin/python3'
  if (!existsSync(python)) console.warn('Python literals are not read back: there is no /usr/bin/python3.')
  test.skipIf(!existsSync(python))('any text is one Python literal, and means itself', () => {
    const parameters: Parameter[] = [{ name: 'x', type: { kind: 'text', list: true, nullable: false }, default: [] }]
    const samples = fc.sample(texts, 500)
    const source = injected(parameters, { x: samples }, 'python')
    const script = 'import sys, json; exec(sys.stdin.buffer.read().decode("utf8")); print(json.dumps(x))'
    const read = JSON.parse(execFileSync(python, ['-c', script], { input: source, encoding: 'utf8' }))
    expect(read).toEqual(samples)
  })
})
