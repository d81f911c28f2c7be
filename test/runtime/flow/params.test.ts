import { describe, expect, test } from 'vitest'
import type { PolkuError } from '../../../runtime/errors/errors.ts'
import { resolveParams, substitute } from '../../../runtime/flow/params.ts'
import type { Flow, FlowParam } from '../../../runtime/flow/schema.ts'
import { parseSource } from '../../../runtime/flow/source.ts'

const source = parseSource('flow: test\nparams: { names: { type: list } }\nsteps: {}\n', 'test.yaml')

function resolved(param: FlowParam, raw?: unknown): { value: unknown; errors: PolkuError[] } {
  const flow: Flow = { flow: 'test', params: { names: param }, steps: {} }
  const errors: PolkuError[] = []
  const values = resolveParams(flow, source, raw === undefined ? {} : { names: raw }, errors)
  return { value: values.names, errors }
}

describe('a parameter that is a list', () => {
  test.each<[string, unknown, readonly string[]]>([
    ['of YAML', ['job', 'day of week'], ['job', 'day of week']],
    ['of numbers, which are texts', [2026, 1.5], ['2026', '1.5']],
    ['of the command line', 'job, marital ,education', ['job', 'marital', 'education']],
    ['of one', 'duration', ['duration']],
    ['of nothing', '', []],
    ['of JSON, for names with commas', '["a, b", "c"]', ['a, b', 'c']],
    ['of a name with a bracket', '[x] of y, z', ['[x] of y', 'z']],
  ])('%s', (_, raw, expected) => {
    expect(resolved({ type: 'list' }, raw)).toEqual({ value: expected, errors: [] })
  })

  test('has its default', () => {
    expect(resolved({ type: 'list', default: ['a'] }).value).toEqual(['a'])
    expect(resolved({ type: 'list', default: [] }).value).toEqual([])
  })

  test.each<[string, FlowParam, unknown, string]>([
    ['a gap', { type: 'list' }, 'a,,b', 'A list'],
    ['a trailing comma', { type: 'list' }, 'a,', 'A list'],
    ['a list in a list', { type: 'list' }, [['a']], 'A list'],
    ['a mapping', { type: 'list' }, { a: 1 }, 'A list'],
    ['an item that is not an option', { type: 'list', options: ['mon', 'tue'] }, 'mon, tux', 'tue'],
  ])('%s is refused', (_, param, raw, right) => {
    const { value, errors } = resolved(param, raw)
    expect(value).toBeUndefined()
    expect(errors.map(({ code, values }) => [code, String(values.right)])).toEqual([
      ['PARAM_INVALID', expect.stringContaining(right)],
    ])
  })

  test('a list is refused where one value is wanted', () => {
    expect(resolved({ type: 'text', default: ['a'] }).errors).toHaveLength(1)
    expect(resolved({ type: 'number' }, [1]).errors).toHaveLength(1)
  })
})

describe('lists in settings', () => {
  const put = (value: unknown): unknown =>
    substitute(value, { names: ['a', 'b'], none: [], key: 'k' }, '2026-10-01', (reference) => {
      throw new Error(`unknown ${reference}`)
    })

  test('a setting that is one hole becomes the list', () => {
    expect(put({ columns: '${params.names}' })).toEqual({ columns: ['a', 'b'] })
  })
  test('a hole among items takes the place of its items', () => {
    expect(put(['x', '${params.names}', '${params.none}', '${params.key}'])).toEqual(['x', 'a', 'b', 'k'])
  })
  test('a list within a text is written with commas', () => {
    expect(put('Learnt from ${params.names}.')).toBe('Learnt from a, b.')
  })
})
