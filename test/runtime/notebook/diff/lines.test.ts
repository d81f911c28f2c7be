import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { diffLines } from '../../../../runtime/notebook/diff/lines.ts'

const side = (before: string, after: string, without: 'added' | 'removed'): string =>
  diffLines(before, after)
    .filter(({ kind }) => kind !== without)
    .map(({ text }) => text)
    .join('\n')

describe('lines of two texts', () => {
  test('any two texts can be read back from their difference', () => {
    const text = fc.array(fc.constantFrom('a', 'b', 'c', '', 'd'), { maxLength: 12 }).map((lines) => lines.join('\n'))
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(side(before, after, 'added')).toBe(before)
        expect(side(before, after, 'removed')).toBe(after)
      }),
    )
  })

  test('as few lines as possible are taken out and put in', () => {
    const kinds = diffLines('a\nb\nc\nd', 'a\nc\nx\nd').map(({ kind, text }) => `${kind} ${text}`)
    expect(kinds).toEqual(['same a', 'removed b', 'same c', 'added x', 'same d'])
    expect(diffLines('a', 'a')).toEqual([{ kind: 'same', text: 'a' }])
  })

  test('texts too long to be compared line by line still read back', () => {
    const lines = (seed: number) => Array.from({ length: 3000 }, (_, index) => `${index * seed}`).join('\n')
    expect(side(lines(2), lines(3), 'added')).toBe(lines(2))
    expect(side(lines(2), lines(3), 'removed')).toBe(lines(3))
  })
})
