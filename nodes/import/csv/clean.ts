import { isUtf8 } from 'node:buffer'
import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import { readChunks } from './bytes.ts'
import { scanOptions } from './dialect.ts'
import type { Layout } from './layout.ts'
import { type Fault, longestRecord, RecordScanner } from './scanner.ts'
import type { Fail } from './settings.ts'

/** What a pass over the records of a file found. */
export interface Scan {
  readonly records: number
  readonly refused: number
  /** The first refused record: its line and what is wrong with it. */
  readonly first?: { readonly line: number; readonly reason: string }
  readonly blankLines: number
}

const limit = longestRecord.toLocaleString('en-GB')
const faults: Readonly<Record<Fault, string>> = {
  long: `is longer than ${limit} bytes`,
  open: `has a quotation mark that is not closed within ${limit} bytes or before the file ends`,
  after: 'has text behind a closing quotation mark, before the next delimiter',
}

const hex = (byte: number): string => `0x${byte.toString(16).toUpperCase().padStart(2, '0')}`

/** Whether nothing stands behind the last delimiter of a record. */
const endsEmpty = (record: RecordScanner): boolean => {
  const last = record.fields - 1
  return !record.quoted(last) && record.fieldEnd(last) === record.fieldStart(last)
}

/** Why a record cannot be a row; undefined where it can. */
function reasonOf(record: RecordScanner, { fields: expected, endsOpen }: Layout): string | undefined {
  if (record.fault) return faults[record.fault]
  const { fields } = record
  if (fields !== expected && !(endsOpen && fields === expected + 1 && endsEmpty(record)))
    return `has ${fields} ${fields === 1 ? 'field' : 'fields'} instead of ${expected}`
  const bytes = record.bytes.subarray(record.start, record.end)
  if (bytes.includes(0)) return 'holds a NUL byte'
  if (isUtf8(bytes)) return undefined
  const decoded = bytes.toString()
  const wrong = bytes[Buffer.byteLength(decoded.slice(0, decoded.indexOf('\ufffd')))] ?? 0
  return `is not valid UTF-8: it holds the byte ${hex(wrong)}`
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`

const longestText = 10_000
/** The text of a record as a person may read it; cut where it is very long. */
function textOf(record: RecordScanner): string {
  const bytes = record.bytes.subarray(record.start, Math.min(record.end, record.start + longestText * 4))
  const text = bytes.toString().replaceAll('\0', '␀')
  const cut = record.cut || record.end - record.start > bytes.length || text.length > longestText
  return cut ? `${text.slice(0, longestText)}…` : text
}

/** Collects bytes and hands them to a file, waiting where the disk is slower. */
class Output {
  readonly #file: WriteStream
  #piece = Buffer.alloc(1 << 20)
  #size = 0
  #pieces: Buffer[] = []

  constructor(path: string) {
    this.#file = createWriteStream(path)
  }

  text(text: string): void {
    this.#room(text.length * 3)
    this.#size += this.#piece.write(text, this.#size)
  }

  bytes(bytes: Buffer, start: number, end: number): void {
    this.#room(end - start)
    this.#size += bytes.copy(this.#piece, this.#size, start, end)
  }

  #room(size: number): void {
    if (this.#size + size <= this.#piece.length) return
    this.#pieces.push(this.#piece.subarray(0, this.#size))
    this.#piece = Buffer.alloc(Math.max(1 << 20, size))
    this.#size = 0
  }

  async flush(): Promise<void> {
    const full = this.#pieces
    this.#pieces = []
    for (const piece of full) if (!this.#file.write(piece)) await once(this.#file, 'drain')
  }

  async close(): Promise<void> {
    this.#room(this.#piece.length + 1)
    await this.flush()
    this.#file.end()
    await finished(this.#file)
  }
}

/** Writes a record so that nothing about it can be read in two ways. */
function writeRecord(output: Output, record: RecordScanner, fields: number): void {
  output.text(String(record.line))
  for (let field = 0; field < fields; field++) {
    const start = record.fieldStart(field)
    const end = record.fieldEnd(field)
    const mark = record.bytes.indexOf(34, start)
    if (record.verbatim(field) && (mark < 0 || mark >= end)) {
      output.text(',"')
      output.bytes(record.bytes, start, end)
      output.text('"')
    } else output.text(`,${quoted(record.value(field))}`)
  }
  output.text('\n')
}

export interface Cleaned {
  /** Where sound records go. */
  readonly clean: string
  /** Where the others go, with their line and what is wrong. */
  readonly refused: string
}

/**
 * Reads every record of a plain UTF-8 file from the first row on. With `to` it writes the sound ones
 * and the others apart; without, it only counts.
 */
export async function scanRecords(
  path: string,
  layout: Layout,
  fail: Fail,
  signal: AbortSignal,
  to?: Cleaned,
): Promise<Scan> {
  const clean = to && new Output(to.clean)
  const apart = to && new Output(to.refused)
  const { firstLine, fields, dialect } = layout
  let records = 0
  let refused = 0
  let first: Scan['first']
  const scanner = new RecordScanner(scanOptions(dialect), (record) => {
    records += 1
    const reason = reasonOf(record, layout)
    if (reason === undefined) {
      if (clean) writeRecord(clean, record, fields)
      return
    }
    refused += 1
    first ??= { line: record.line, reason }
    apart?.text(`${record.line},${quoted(reason)},${quoted(textOf(record))}\n`)
  })
  scanner.line = firstLine
  const body = new Body(firstLine - 1, dialect.newline)
  for await (const chunk of readChunks(path, 'none', fail)) {
    signal.throwIfAborted()
    scanner.push(body.cut(chunk))
    await clean?.flush()
    await apart?.flush()
  }
  scanner.finish()
  await clean?.close()
  await apart?.close()
  return { records, refused, first, blankLines: scanner.blankLines }
}

/** Takes away the lines before the first row, and the byte order mark where there are none. */
class Body {
  #lines: number
  readonly #newline: number
  #started = false

  constructor(lines: number, newline: number) {
    this.#lines = lines
    this.#newline = newline
  }

  cut(chunk: Buffer): Buffer {
    let at = !this.#started && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? 3 : 0
    this.#started = true
    for (; this.#lines > 0; this.#lines -= 1) {
      const end = chunk.indexOf(this.#newline, at)
      if (end < 0) return chunk.subarray(chunk.length)
      at = end + 1
    }
    return chunk.subarray(at)
  }
}
