import { basename } from 'node:path'
import { type Compression, compressionOf, foreignFormat, isBinary, readHead, readWindows } from './bytes.ts'
import { givenFormat } from './dates.ts'
import { commonFields, type Dialect, detectDialect, endsOpen, lineEndOf, type Sample, sampleOf } from './dialect.ts'
import { detectEncoding, type Encoding, markLength, Recoder, utf16Of, verdict, weigh } from './encoding.ts'
import { columnOf, hasHeader, namesByPosition, namesOf, requireDistinct, requireNamed } from './header.ts'
import { givenReading, inferReadings, type Reading } from './infer.ts'
import { longestRecord } from './scanner.ts'
import type { Fail, Settings } from './settings.ts'

export interface LayoutColumn extends Reading {
  readonly name: string
  /** Which field of a record it is, from 0. */
  readonly field: number
  /** Characters of the field, where the file is of fixed width; from 1. */
  readonly span?: { readonly start: number; readonly width: number }
}

/** All that was found out about a file from its first bytes and the settings. */
export interface Layout {
  readonly file: string
  readonly compression: Compression
  /** Undefined where the head is plain ASCII and the rest of the file decides. */
  readonly encoding?: Encoding
  readonly dialect: Dialect
  readonly whitespace: boolean
  readonly header: boolean
  /** Fields of every record. */
  readonly fields: number
  /** Whether most rows have a delimiter after their last field, which the header has not. */
  readonly endsOpen: boolean
  /** The physical line on which the first row begins. */
  readonly firstLine: number
  /** Delimiters on the lines before it. */
  readonly delimitersAbove: number
  /** Whether DuckDB's own skipping of lines can be trusted: not where a quotation mark spans them. */
  readonly simpleAbove: boolean
  readonly columns: readonly LayoutColumn[]
  /** Columns of the file that the settings leave out. */
  readonly ignored: readonly string[]
  readonly better?: string
}

const headBytes = 1 << 18
const longestHead = 1 << 24
const sampleRows = 20_000
// What comes late in a file shall be known as well: a code among numbers, another way to write a date.
const windows = 16
const windowBytes = 1 << 14

interface Head {
  readonly text: Buffer
  readonly whole: boolean
  readonly compression: Compression
  readonly encoding?: Encoding
}

const encodings: Readonly<Record<string, Encoding>> = {
  'utf-8': 'utf-8',
  'windows-1252': 'windows-1252',
  // Its own characters from 80 to 9F are never used; what stands there is Windows-1252 (WHATWG Encoding, section 4.2).
  'iso-8859-1': 'windows-1252',
  'iso-8859-15': 'iso-8859-15',
}

const hex = (byte: number): string => `0x${byte.toString(16).toUpperCase().padStart(2, '0')}`

/** The encoding that a setting means for these bytes. Fails with `notEncoding` where they are nothing of the kind. */
function givenEncoding(bytes: Buffer, setting: string, file: string, fail: Fail): Encoding {
  const wide = utf16Of(bytes)
  if (setting === 'utf-16') {
    if (wide) return wide
    const right = verdict(weigh(bytes)) ?? 'utf-8'
    return fail('notEncoding', { file, encoding: setting, actual: 'its characters have one byte each', right })
  }
  if (wide)
    fail('notEncoding', { file, encoding: setting, actual: 'its characters have two bytes each', right: 'utf-16' })
  const evidence = weigh(bytes)
  if (setting === 'utf-8' && verdict(evidence) === 'windows-1252') {
    const evidenceText = `line ${evidence.wrongLine} holds the byte ${hex(evidence.wrongByte)}`
    fail('notEncoding', { file, encoding: setting, actual: evidenceText, right: 'windows-1252' })
  }
  return encodings[setting] ?? 'utf-8'
}

/** The head of the file as UTF-8. Fails where it is no text, or empty. */
async function textHead(path: string, settings: Settings, limit: number, fail: Fail): Promise<Head> {
  const file = basename(path)
  const compression = await compressionOf(path, settings.compression, fail)
  const { bytes, whole } = await readHead(path, compression, limit, fail)
  const encoding =
    settings.encoding === undefined ? detectEncoding(bytes) : givenEncoding(bytes, settings.encoding, file, fail)
  const foreign = foreignFormat(bytes)
  if (foreign) fail('notText', { file, ...foreign })
  const text =
    encoding === undefined || encoding === 'utf-8'
      ? bytes.subarray(markLength(bytes, 'utf-8'))
      : new Recoder(encoding).push(bytes)
  if (isBinary(text)) fail('notText', { file, actual: 'binary data', right: 'Needed: a CSV file.' })
  if (whole && text.toString('latin1').trim() === '') fail('empty', { file })
  return { text, whole, compression, encoding }
}

/** Where the line after the first `count` begins. */
function afterLines(text: Buffer, count: number, newline: 10 | 13): number {
  let at = 0
  for (let line = 0; line < count; line++) {
    const end = text.indexOf(newline, at)
    if (end < 0) return text.length
    at = end + 1
  }
  return at
}

const count = (text: Buffer, character: string): number => {
  let matches = 0
  for (let at = text.indexOf(character); character !== '' && at >= 0; at = text.indexOf(character, at + 1)) matches++
  return matches
}

/** Lines whose fields are aligned with blanks, as lines of fields between tabs. */
export const aligned = (text: string): string =>
  text
    .split(/\r\n|\n|\r/)
    .map((line) => line.trim().replaceAll(/[ \t]+/g, '\t'))
    .join('\n')

/** Checks that need no file. */
export function checkSettings(settings: Settings, fail: Fail): void {
  const { fixedWidth, dateFormat, delimiter, quote } = settings
  const others = (['delimiter', 'quote', 'escape', 'columns', 'types'] as const).filter(
    (name) => settings[name] !== undefined,
  )
  if (fixedWidth && others.length > 0) fail('fixedWidthMixed', { actual: others.join(', ') })
  if (fixedWidth)
    requireDistinct(
      fixedWidth.map(({ name }) => name),
      (duplicate) => fail('fixedWidthTwice', { actual: duplicate }),
    )
  if (delimiter !== undefined && quote && delimiter === quote) fail('quoteIsDelimiter', { actual: quote })
  const fault = dateFormat === undefined ? undefined : givenFormat(dateFormat).fault
  if (dateFormat !== undefined && fault) fail('dateFormat', { format: dateFormat, actual: fault })
}

/** Finds out how a file is written, by reading no more than its beginning. */
export async function readLayout(path: string, settings: Settings, fail: Fail): Promise<Layout> {
  for (let limit = headBytes; ; limit *= 4) {
    const head = await textHead(path, settings, limit, fail)
    const start = afterLines(head.text, settings.skip, lineEndOf(head.text).newline)
    const { dialect, whitespace, better } = detectDialect(head.text.subarray(start), head.whole, settings)
    const text = whitespace ? Buffer.from(aligned(head.text.toString())) : head.text
    const body = text.subarray(afterLines(text, settings.skip, dialect.newline))
    const sample = sampleOf(body, head.whole, dialect, sampleRows)
    // A few rows tell little: look further where there is more.
    if (sample.records.length < 100 && !head.whole && limit < longestHead) continue
    const shape = { dialect, whitespace, better: better?.delimiter }
    const later = sample.linesInValues ? [] : await laterRecords(path, head, shape)
    return assemble({ ...head, text }, { ...sample, later }, shape, basename(path), settings, fail)
  }
}

/** Records from behind the head of a plain file, here and there. */
async function laterRecords(path: string, head: Head, { dialect, whitespace }: Shape): Promise<string[][]> {
  const { compression, encoding = 'utf-8', whole, text } = head
  if (whole || compression !== 'none' || encoding.startsWith('utf-16') || dialect.newline === 13) return []
  const pieces = await readWindows(path, text.length, windows, windowBytes)
  return pieces.flatMap((piece) => {
    const decoded = encoding === 'utf-8' ? piece : new Recoder(encoding).push(piece)
    const lines = whitespace ? Buffer.from(aligned(decoded.toString())) : decoded
    return sampleOf(lines, true, dialect, 500).records.map(({ values }) => [...values])
  })
}

interface Shape {
  readonly dialect: Dialect
  readonly whitespace: boolean
  readonly better?: string
}

type FirstRecord = Sample['records'][number]

/** The first record, sound enough to be a header or a row. Fails with `lineTooLong` or `badHeader`. */
function firstOf(head: Head, { records, faults }: Sample, header: boolean, file: string, fail: Fail): FirstRecord {
  const [first] = records
  const [unsound] = faults.filter(({ line }) => !first || line < first.line)
  const endless = unsound ? unsound.fault === 'long' : !first && !head.whole
  if (endless && (!first || header)) fail('lineTooLong', { file, actual: longestRecord })
  if (!first || (header && unsound)) fail('badHeader', { file, actual: 'its quotation marks do not match' })
  const text = first.values.join('')
  if (header && text.includes('\0')) fail('badHeader', { file, actual: 'it holds a NUL byte' })
  if (header && text.includes('\ufffd')) fail('badHeader', { file, actual: `it is not ${head.encoding ?? 'utf-8'}` })
  return first
}

function assemble(
  head: Head,
  sample: Sample & { later: string[][] },
  shape: Shape,
  file: string,
  settings: Settings,
  fail: Fail,
): Layout {
  const { text, compression, encoding } = head
  const { newline, delimiter, quote } = shape.dialect
  const rows = sample.records.map(({ values }) => values)
  const header = hasHeader(settings.fixedWidth ? rows.map(([line = '']) => cut(line, settings)) : rows, settings)
  const first = firstOf(head, sample, header, file, fail)
  const fields = header ? first.values.length : commonFields(sample.records)
  const linesInHeader = count(Buffer.from(first.values.join('')), String.fromCharCode(newline))
  const firstLine = settings.skip + 1 + (header ? first.line + linesInHeader : 0)
  const data = header ? rows.slice(1) : rows
  const preamble = text.subarray(0, afterLines(text, settings.skip, newline))
  return {
    file,
    compression,
    encoding,
    ...shape,
    header,
    fields,
    endsOpen: data.filter((row) => endsOpen(row, fields)).length > data.length / 2,
    firstLine,
    delimitersAbove: count(text.subarray(0, afterLines(text, firstLine - 1, newline)), delimiter),
    simpleAbove: count(preamble, quote) === 0 && (!header || linesInHeader === 0),
    ...columnsOf([...data, ...sample.later], header ? first.values : undefined, fields, file, settings, fail),
  }
}

const cut = (line: string, { fixedWidth = [] }: Settings): string[] => {
  const characters = [...line]
  return fixedWidth.map(({ start, width }) => characters.slice(start - 1, start - 1 + width).join(''))
}

function columnsOf(
  data: readonly (readonly string[])[],
  first: readonly string[] | undefined,
  fields: number,
  file: string,
  settings: Settings,
  fail: Fail,
): Pick<Layout, 'columns' | 'ignored'> {
  const { fixedWidth, columns, types } = settings
  if (fixedWidth) return { columns: fixedColumns(data, settings), ignored: [] }
  const names = first ? namesOf(first, file, fail) : namesByPosition(fields, settings, file, fail)
  requireNamed(names, settings, file, fail)
  const even = data.filter((row) => row.length === fields || endsOpen(row, fields))
  const samples = names.map((_, field) => columnOf(even, field))
  const inferred = inferReadings(samples, settings)
  const chosen = columns ? Object.keys(columns) : names
  return {
    columns: chosen.map((name) => {
      const field = names.indexOf(name)
      const typeName = types?.[name] ?? columns?.[name]
      const reading = typeName === undefined ? inferred[field] : givenReading(typeName, samples[field] ?? [], settings)
      return { ...(reading ?? givenReading('text', [], settings)), name, field }
    }),
    ignored: names.filter((name) => !chosen.includes(name)),
  }
}

function fixedColumns(data: readonly (readonly string[])[], settings: Settings): LayoutColumn[] {
  const { fixedWidth = [] } = settings
  const rows = data.map(([line = '']) => cut(line, settings))
  const inferred = inferReadings(
    fixedWidth.map((_, field) => columnOf(rows, field)),
    settings,
  )
  return fixedWidth.map(({ name, start, width, type }, index) => {
    const reading = type === undefined ? inferred[index] : givenReading(type, columnOf(rows, index), settings)
    return { ...(reading ?? givenReading('text', [], settings)), name, field: 0, span: { start, width } }
  })
}
