import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import type { Engine } from '../../../runtime/engine/engine.ts'
import { PolkuErrors } from '../../../runtime/errors/errors.ts'
import { openEngine } from '../../../runtime/notebook/step/provider.ts'
import { campaignFlow } from '../engine.ts'
import { testNodes } from '../nodes.ts'

// Whatever a file says, the checker gives a plan or a list of known faults, soon.

let client: Engine
let root = ''
let file = ''

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'polku-test-'))
  cpSync(join(import.meta.dirname, '..', '..', 'fixtures', 'workspace'), root, { recursive: true })
  file = join(root, 'data', 'fuzz.yaml')
  client = await openEngine(root, { nodes: testNodes() })
})
afterAll(async () => {
  await client.close()
  rmSync(root, { recursive: true })
})

const counts = { valid: 0, invalid: 0 }

async function checked(text: string | Uint8Array): Promise<void> {
  writeFileSync(file, text)
  const started = process.cpuUsage()
  try {
    const plan = await client.check({ flow: file, params: {}, asOf: '2026-10-01' })
    expect(plan.steps.length).toBeGreaterThan(0)
    counts.valid += 1
  } catch (error) {
    if (!(error instanceof PolkuErrors)) throw error
    const lines = readFileSync(file, 'utf8').split(/\r\n|\n|\r/)
    expect(error.errors.length).toBeGreaterThan(0)
    for (const one of error.errors) {
      const problem = one.toProblem()
      expect(problem.code).not.toMatch(/INTERNAL|STEP_FAILED/)
      expect(problem.file).toContain('fuzz.yaml')
      expect(problem.message.length).toBeGreaterThan(5)
      if (problem.line === undefined) continue
      expect(problem.line).toBeLessThanOrEqual(lines.length)
      // A place may be one past the end, where something is missing.
      expect(problem.column).toBeLessThanOrEqual((lines[problem.line - 1]?.length ?? 0) + 2)
    }
    counts.invalid += 1
  }
  const { user, system } = process.cpuUsage(started)
  expect((user + system) / 1000, 'milliseconds of CPU').toBeLessThan(20_000)
}

const valid = [
  campaignFlow,
  ...readdirSync(join(import.meta.dirname, 'valid')).map((name) =>
    readFileSync(join(import.meta.dirname, 'valid', name), 'utf8'),
  ),
]

describe('the checker survives', () => {
  test('any text', () =>
    fc.assert(fc.asyncProperty(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), checked), { numRuns: 150 }))

  test('any bytes', () =>
    fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), checked), {
      numRuns: 100,
      // A lone carriage return ends a line for editors, not for the parser.
      examples: [[Uint8Array.from([37, 13, 1])]],
    }))

  test('pieces of YAML in any order', () => {
    const piece = fc.constantFrom(
      'flow: x',
      'steps:',
      'params:',
      'a:',
      'uses: import/rows',
      'from: a',
      'with:',
      '{',
      '}',
      '[',
      ']',
      '- ',
      '? ',
      ': ',
      '&a ',
      '*a',
      '<<: ',
      '!!map ',
      '!!binary ',
      '| ',
      '> ',
      '"',
      "'",
      '\n',
      '\n  ',
      '\n    ',
      '\t',
      '---\n',
      '...\n',
      '%YAML 1.1\n',
      '# x\n',
      '${params.x}',
      '~',
      'null',
      '1e999',
      '0x1F',
      '.nan',
      '2026-02-30',
      '\ufeff',
      '\u2028',
      '__proto__: ',
      'constructor: ',
    )
    return fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
        checked,
      ),
      { numRuns: 300 },
    )
  })

  test('any data in the place of a flow', () => {
    const data = fc.oneof(
      fc.jsonValue({ maxDepth: 5 }),
      fc.record(
        { flow: fc.jsonValue(), steps: fc.dictionary(fc.string(), fc.jsonValue()), params: fc.jsonValue() },
        { requiredKeys: [] },
      ),
      fc.record({
        flow: fc.constant('x'),
        steps: fc.dictionary(
          fc.constantFrom('a', 'b', 'c', 'constructor', 'hasownproperty'),
          fc.record(
            {
              uses: fc.constantFrom('import/rows', 'enrich/scale', 'segment/totals', 'model/x@1', 'x'),
              from: fc.constantFrom('a', 'b', 'c', 'a.rows', 'a.b.c', { rows: 'a' }),
              with: fc.dictionary(fc.constantFrom('path', 'factor', 'column', 'x', 'toString'), fc.jsonValue()),
            },
            { requiredKeys: ['uses'] },
          ),
        ),
        params: fc.dictionary(
          fc.constantFrom('x', 'toString'),
          fc.record({
            type: fc.constantFrom('number', 'text', 'list', 'date'),
            default: fc.oneof(fc.string(), fc.double(), fc.boolean()),
          }),
        ),
      }),
    )
    return fc.assert(
      fc.asyncProperty(data, (value) => checked(stringify(value))),
      { numRuns: 200 },
    )
  })

  test('valid flows with some characters changed', () => {
    const change = fc.tuple(
      fc.nat(600),
      fc.nat(8),
      fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom(':', ' ', '\n', '{', '}', '"', '&a', '*a', '- ')),
    )
    const mutated = fc
      .tuple(fc.constantFrom(...valid), fc.array(change, { minLength: 1, maxLength: 4 }))
      .map(([text, changes]) =>
        changes.reduce(
          (all, [at, length, put]) =>
            all.slice(0, at % (all.length + 1)) + put + all.slice((at % (all.length + 1)) + length),
          text,
        ),
      )
    return fc.assert(fc.asyncProperty(mutated, checked), { numRuns: 400 })
  })

  test('valid flows with some value changed', () => {
    const paths = (value: unknown, path: readonly string[] = []): (readonly string[])[] =>
      value !== null && typeof value === 'object'
        ? [path, ...Object.entries(value).flatMap(([key, inner]) => paths(inner, [...path, key]))]
        : [path]
    const put = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom(
        'orders',
        'scaled.rows',
        '${params.x}',
        '${run.asOf}',
        'amount',
        'data/orders.csv',
        '../x',
        '-1 day',
        'score < 60',
        'import/rows',
      ),
    )
    const mutated = fc.tuple(fc.constantFrom(...valid), fc.nat(), put).map(([text, which, value]) => {
      const data: unknown = parse(text)
      const all = paths(data).filter((path) => path.length > 0)
      const path = all[which % all.length] ?? []
      const parent = path.slice(0, -1).reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], data) // the path leads through objects
      Object.assign(parent as object, { [path.at(-1) ?? '']: value }) // as above
      return stringify(data)
    })
    return fc.assert(fc.asyncProperty(mutated, checked), { numRuns: 250 })
  })

  test('flows that are huge', async () => {
    const orders = 'orders: { uses: import/rows, with: { path: data/orders.csv } }'
    const chain = Array.from(
      { length: 300 },
      (_, index) => `  s${index}: { uses: enrich/scale, from: ${index === 0 ? 'orders' : 'orders'} }\n`,
    )
    const deep = 20_000
    for (const text of [
      `flow: x\nsteps:\n  ${orders}\n${chain.join('')}`,
      `flow: x\nsteps:\n${Array.from({ length: 2000 }, (_, index) => `  s${index}: { uses: enrich/scale, from: s${(index + 1) % 2000} }\n`).join('')}`,
      '['.repeat(deep),
      '{a: '.repeat(deep),
      `${'['.repeat(deep)}${']'.repeat(deep)}`,
      `flow: x\nsteps: ${'{a: '.repeat(3000)}1${'}'.repeat(3000)}`,
      Array.from({ length: 5000 }, (_, depth) => `${' '.repeat(Math.min(depth, 180))}a:\n`).join(''),
      `a: &a x\nb: [${'*a, '.repeat(100_000)}]`,
      `a: [${Array.from({ length: 50_000 }, (_, index) => `&a${index} x`).join(', ')}]\nb: [${Array.from({ length: 50_000 }, (_, index) => `*a${index}`).join(', ')}]`,
      `a: "${'x'.repeat(999_000)}"`,
      `flow: ${'x'.repeat(2_000_000)}`,
      `flow: x\nsteps: { a: { uses: enrich/scale, from: "${'a'.repeat(500_000)}" } }`,
      `flow: x\nsteps: { ${orders}, a: { uses: enrich/scale, from: orders, with: { column: "${'a'.repeat(100_000)}" } } }`,
      `${'\n'.repeat(990_000)}flow: x`,
      `${'#'.repeat(990_000)}`,
      Array.from({ length: 40_000 }, (_, index) => `k${index}: 1\n`).join(''),
      '? '.repeat(50_000),
      '- '.repeat(20_000),
      '!!a '.repeat(50_000),
      `|${'\n x'.repeat(200_000)}`,
    ])
      await checked(text)
  })

  test.each(['\ufeff', ''])('Windows line ends and a byte order mark (%j)', async (byteOrderMark) => {
    const before = counts.valid
    await checked(byteOrderMark + campaignFlow.replaceAll('\n', '\r\n'))
    expect(counts.valid).toBe(before + 1)
  })
})

test('both kinds of answers were met', () => {
  // How many a chance change leaves valid is chance; the two with Windows line ends are certain.
  expect(counts.valid).toBeGreaterThan(2)
  expect(counts.invalid).toBeGreaterThan(500)
  expect(Object.prototype).not.toHaveProperty('polluted')
})
