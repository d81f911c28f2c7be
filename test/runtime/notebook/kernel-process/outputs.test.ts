import { expect, test } from 'vitest'
import { type Displays, Outputs } from '../../../../runtime/notebook/kernel-process/outputs.ts'

const limits = { characters: 1000, pieces: 10 }
const make = (displays: Displays = new Map()) => new Outputs(limits, displays)
const stream = (text: string, name = 'stdout') => ['stream', { name, text }] as const
const display = (data: object, id?: string) =>
  ['display_data', { data, metadata: {}, transient: { display_id: id } }] as const
const fill = (outputs: Outputs, ...messages: readonly (readonly [string, Record<string, unknown>])[]) => {
  for (const [type, content] of messages) outputs.take(type, content)
  return outputs.list
}

test('neighbouring pieces of one stream are one output, and another between them parts them', () => {
  expect(fill(make(), stream('a'), stream('b'), stream('c', 'stderr'), stream('d'))).toEqual([
    { output_type: 'stream', name: 'stdout', text: 'ab' },
    { output_type: 'stream', name: 'stderr', text: 'c' },
    { output_type: 'stream', name: 'stdout', text: 'd' },
  ])
})

test('an update changes every display of its id, in earlier cells too, and adds none', () => {
  const displays: Displays = new Map()
  const first = make(displays)
  const second = make(displays)
  fill(first, display({ 'text/plain': '1' }, 'x'), display({ 'text/plain': 'other' }, 'y'))
  fill(second, display({ 'text/plain': '1' }, 'x'), [
    'update_display_data',
    { data: { 'text/plain': '2' }, metadata: { a: 1 }, transient: { display_id: 'x' } },
  ])
  expect(first.list).toMatchObject([
    { data: { 'text/plain': '2' }, metadata: { a: 1 } },
    { data: { 'text/plain': 'other' } },
  ])
  expect(second.list).toEqual([{ output_type: 'display_data', data: { 'text/plain': '2' }, metadata: { a: 1 } }])
})

test('clear_output clears at once, or with the next output', () => {
  expect(fill(make(), stream('a'), ['clear_output', {}])).toEqual([])
  const waiting = make()
  expect(fill(waiting, stream('a'), ['clear_output', { wait: true }])).toMatchObject([{ text: 'a' }])
  expect(fill(waiting, stream('b'))).toMatchObject([{ text: 'b' }])
})

test('a flood is cut, with a note of how much is missing', () => {
  const list = fill(make(), ...Array.from({ length: 300 }, () => stream('x'.repeat(10))))
  expect(list).toHaveLength(2)
  expect(list[0]).toMatchObject({ text: 'x'.repeat(1000) })
  expect(list[1]).toMatchObject({ name: 'stderr', text: expect.stringContaining('left out 2000 more characters') })
})

test('a flood of small displays is cut by their number', () => {
  const list = fill(make(), ...Array.from({ length: 50 }, () => display({ 'text/plain': 'abc' })))
  expect(list).toHaveLength(11)
  expect(list.at(-1)).toMatchObject({ text: expect.stringContaining('left out 120 more characters') })
})

test('one output that is too large leaves a note that names what it was, and room for others', () => {
  const list = fill(make(), display({ 'text/html': 'x'.repeat(2000) }), stream('small'))
  expect(list[0]).toMatchObject({ data: { 'text/plain': expect.stringMatching(/2000 characters \(text\/html\)/) } })
  expect(list[1]).toMatchObject({ text: 'small' })
})

test('messages of no proper shape give outputs that are valid all the same', () => {
  const list = fill(
    make(),
    ['stream', {}],
    ['display_data', { data: 'x', metadata: [] }],
    ['execute_result', {}],
    ['error', { ename: 5, traceback: 'x' }],
  )
  expect(list).toEqual([
    { output_type: 'display_data', data: {}, metadata: {} },
    { output_type: 'execute_result', data: {}, metadata: {}, execution_count: null },
    { output_type: 'error', ename: '5', evalue: '', traceback: [] },
  ])
})

test('an error is never left out, and never longer than one can read', () => {
  const long = 'e'.repeat(150_000)
  const [error] = fill(make(), ['error', { ename: 'Error', evalue: long, traceback: [long, long, long, 'last'] }])
  expect(error).toEqual({
    output_type: 'error',
    ename: 'Error',
    evalue: `${'e'.repeat(100_000)}…`,
    traceback: [`${'e'.repeat(100_000)}…`, `${'e'.repeat(50_000)}…`, '… and 2 more lines'],
  })
})
