import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { longestRecord, RecordScanner, type ScanOptions } from '../../../nodes/import/csv/scanner.ts'

// The scanner says what a record is. Here a second reading of the same rules, one character at a time,
// must agree with it, and however the bytes arrive they must give the same.

const options: ScanOptions = { delimiter: 44, quote: 34, escape: 34, newline: 10 }

interface ScannedRecord {
  readonly line: number
  readonly values: readonly string[] | string
}

/** Records as the scanner tells them when the bytes come in pieces that end at `cuts`. */
function scan(bytes: Buffer, cuts: readonly number[], scanOptions: ScanOptions = options): ScannedRecord[] {
  const records: ScannedRecord[] = []
  const scanner = new RecordScanner(scanOptions, (record) => {
    const values = record.fault ?? Array.from({ length: record.fields }, (_, field) => record.value(field))
    records.push({ line: record.line, values })
  })
  let from = 0
  for (const cut of [...cuts, bytes.length].sort((left, right) => left - right)) {
    scanner.push(Buffer.from(bytes.subarray(from, cut)))
    from = cut
  }
  scanner.finish()
  return records
}

const lineOf = (text: string): string => text.split('\n', 1)[0] ?? ''
const afterLine = (text: string): string => text.slice(Math.min(text.length, lineOf(text).length + 1))

const quotedField = /^ *"((?:[^"]|"")*)"(?!") */
// A carriage return alone ends nothing but the file.
const behindQuoted = /^(?:,|\r?\n|\r?$)/

interface Field {
  readonly value: string
  readonly rest: string
  /** What follows the value: a delimiter, the end of a line or of all. */
  readonly end: string
}

/** The field at the start of `text`, or its fault. */
function fieldOf(text: string): Field | string {
  const quoted = quotedField.exec(text)
  if (!quoted) {
    if (/^ *"/.test(text)) return 'open'
    const [, plain = '', end = ''] = /^([^,\n]*)([,\n]?)/.exec(text) ?? []
    return { value: end === ',' ? plain : plain.replace(/\r$/, ''), end, rest: text.slice(plain.length + end.length) }
  }
  const behind = text.slice(quoted[0].length)
  const end = behindQuoted.exec(behind)?.[0]
  if (end === undefined) return 'after'
  return { value: (quoted[1] ?? '').replaceAll('""', '"'), end, rest: behind.slice(end.length) }
}

/** One record at the start of `text`: its values or its fault, and what is left. */
function model(text: string): { values: readonly string[] | string; rest: string; lines: number } {
  const values: string[] = []
  let rest = text
  for (;;) {
    const field = fieldOf(rest)
    if (typeof field === 'string') return { values: field, rest: afterLine(text), lines: 1 }
    values.push(field.value)
    rest = field.rest
    if (field.end === ',') continue
    const read = text.slice(0, text.length - rest.length)
    return { values, rest, lines: read.split('\n').length - (field.end.includes('\n') ? 1 : 0) }
  }
}

function readByModel(text: string): ScannedRecord[] {
  const records: ScannedRecord[] = []
  let rest = text
  let line = 1
  while (rest !== '') {
    const record = model(rest)
    const first = record.values[0] ?? ''
    const isBlank =
      Array.isArray(record.values) && record.values.length === 1 && /^ *$/.test(first) && !/^ *"/.test(rest)
    if (!isBlank) records.push({ line, values: record.values })
    rest = record.rest
    line += record.lines
  }
  return records
}

const hostile = fc
  .array(fc.constantFrom('"', '""', ',', '\n', '\r\n', '\r', ' ', 'a', 'bc', '"a"', ',"', '",', '"\n', 'ä'), {
    maxLength: 30,
  })
  .map((pieces) => pieces.join(''))

describe('records', () => {
  test('are what a reading character by character finds, cut wherever', () => {
    fc.assert(
      fc.property(hostile, fc.array(fc.nat(60), { maxLength: 6 }), (text, places) => {
        const bytes = Buffer.from(text)
        const cuts = places.map((position) => Math.min(position, bytes.length))
        expect(scan(bytes, cuts)).toEqual(readByModel(text))
      }),
      { numRuns: 3000 },
    )
  })

  test('with a backslash before a mark that belongs to the value', () => {
    const bytes = Buffer.from('1,"a \\"quoted\\" word",x\n2,"back\\\\slash","new\\\nline"\n3,plain\\,y\n')
    const records = scan(bytes, [], { ...options, escape: 92 })
    expect(records).toEqual([
      { line: 1, values: ['1', 'a "quoted" word', 'x'] },
      { line: 2, values: ['2', 'back\\slash', 'new\\\nline'] },
      { line: 4, values: ['3', 'plain\\', 'y'] },
    ])
  })

  test('that never end are refused a line at a time, and what follows is read', () => {
    const limit = 40
    const text = `1,"open\n2,b\n${'x'.repeat(100)}\n3,"${'y'.repeat(60)}"\n4,d\n`
    const expected = [
      { line: 1, values: 'open' },
      { line: 2, values: ['2', 'b'] },
      { line: 3, values: 'long' },
      { line: 4, values: 'long' },
      { line: 5, values: ['4', 'd'] },
    ]
    const bytes = Buffer.from(text)
    const everyCut = Array.from(bytes.keys())
    expect(scan(bytes, [], { ...options, limit })).toEqual(expected)
    expect(scan(bytes, everyCut, { ...options, limit })).toEqual(expected)
    for (const cut of everyCut) expect(scan(bytes, [cut], { ...options, limit })).toEqual(expected)
  })

  test('of ten megabytes pass through without being held', () => {
    const scanner = new RecordScanner(options, (record) => {
      records.push(`${record.line} ${record.fault ?? 'sound'} ${record.end - record.start}`)
    })
    const records: string[] = []
    const piece = Buffer.alloc(1 << 20, 'x')
    for (let k = 0; k < 10; k++) scanner.push(piece)
    scanner.push(Buffer.from('\n1,2\n'))
    scanner.finish()
    expect(records).toEqual([`1 long ${longestRecord}`, '2 sound 3'])
  })
})
