import { isAscii } from 'node:buffer'

// Splits bytes into records. It is the definition of what a record of a file is: whatever DuckDB reads
// in its place must give as many.

const lineFeed = 10
const carriageReturn = 13
const blank = 32

/** The longest record that is read, in bytes: DuckDB's own limit of a line. */
export const longestRecord = 2_000_000

export interface ScanOptions {
  /** One byte, or -1 where a line is one field. */
  readonly delimiter: number
  /** One byte, or -1 where nothing is quoted. */
  readonly quote: number
  /** The byte before a quotation mark that belongs to a value; usually the mark itself. */
  readonly escape: number
  /** The byte that ends a line; before a line feed a carriage return belongs to the end. */
  readonly newline: 10 | 13
  /** The longest record in bytes; `longestRecord` by default. */
  readonly limit?: number
}

/** Why a record cannot be read. `long`: more bytes than the limit; `open`: a quotation mark without its other; `after`: text behind a closing one. */
export type Fault = 'long' | 'open' | 'after'

/** Feeds bytes in, gets records out; holds no more than one record and one chunk. */
export class RecordScanner {
  /** Of the record that is being told: its bytes lie in `bytes` from `start` to `end`, without the line's end. */
  bytes: Buffer = Buffer.alloc(0)
  /** `bytes` as text where they are ASCII, empty where they are not; made when it is first needed. */
  #ascii: string | undefined
  start = 0
  end = 0
  /** The physical line on which it begins, counted from 1. */
  line = 1
  fields = 0
  fault: Fault | undefined
  /** Whether it was cut, because it is longer than the limit. */
  cut = false
  /** Lines that hold nothing, or blanks only, so far. */
  blankLines = 0
  /** Whether any value of any record so far held a line's end. */
  linesInValues = false

  readonly #options: Required<ScanOptions>
  readonly onRecord: (record: RecordScanner) => void
  #starts = new Int32Array(256)
  #ends = new Int32Array(256)
  /** 0 as it stands, 1 quoted, 2 quoted with escapes inside. */
  #kinds = new Uint8Array(256)
  #pending: Buffer = Buffer.alloc(0)
  #skipping = false
  /** Of the quoted value that was read last: 1 or 2, as in `#kinds`. */
  #kind = 1
  #newlines = 0

  /** @param onRecord called for every record, sound or not, with the scanner itself; nothing of it may be kept. */
  constructor(options: ScanOptions, onRecord: (record: RecordScanner) => void) {
    this.#options = { limit: longestRecord, ...options }
    this.onRecord = onRecord
  }

  push(chunk: Buffer): void {
    this.#scan(this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : chunk, false)
  }

  /** Tells the last record, where the bytes do not end with a line's end. */
  finish(): void {
    this.#scan(this.#pending, true)
  }

  /** Whether a field is quoted. */
  quoted(field: number): boolean {
    return this.#kinds[field] !== 0
  }

  /** Whether the bytes of a field are its value as they stand. */
  verbatim(field: number): boolean {
    return this.#kinds[field] !== 2
  }

  fieldStart(field: number): number {
    return this.#starts[field] ?? 0
  }

  fieldEnd(field: number): number {
    return this.#ends[field] ?? 0
  }

  /** The value of a field, without its quotation marks. */
  value(field: number): string {
    const [start, end] = [this.fieldStart(field), this.fieldEnd(field)]
    this.#ascii ??= isAscii(this.bytes) ? this.bytes.toString('latin1') : ''
    // Where a byte is a character, a part of one text costs less than a text of its own.
    const text = this.#ascii === '' ? this.bytes.toString('utf8', start, end) : this.#ascii.slice(start, end)
    return this.verbatim(field) ? text : this.#unescape(text)
  }

  #unescape(text: string): string {
    const { quote, escape: mark } = this.#options
    const sign = String.fromCharCode(quote)
    return mark === quote ? text.replaceAll(sign + sign, sign) : text.replaceAll(/\\(["'\\])/g, '$1')
  }

  #scan(bytes: Buffer, last: boolean): void {
    this.bytes = bytes
    this.#ascii = undefined
    let at = this.#skipping ? this.#skip(0) : 0
    while (at < bytes.length) {
      const next = this.#record(at, last)
      if (next < 0 && bytes.length - at <= this.#options.limit + 2) break
      at = next < 0 || next - at > this.#options.limit + 2 ? this.#refuseLong(at) : this.#accept(at, next)
    }
    // A copy, so that a chunk is not kept alive by its last bytes.
    this.#pending = at === 0 ? bytes : Buffer.from(bytes.subarray(at))
    if (last) this.#pending = Buffer.alloc(0)
  }

  #accept(at: number, next: number): number {
    if (this.fault) return this.#refuseLine(at)
    if (this.#isBlank(at)) this.blankLines += 1
    else {
      this.start = at
      this.linesInValues ||= this.#newlines > 0
      this.onRecord(this)
    }
    this.line += 1 + this.#newlines
    return next
  }

  #isBlank(at: number): boolean {
    if (this.fields !== 1 || this.quoted(0)) return false
    for (let p = at; p < this.end; p++) if (this.bytes[p] !== blank) return false
    return true
  }

  /** Tells the first line of a record as one that cannot be read; what follows it may be sound. */
  #refuseLine(at: number): number {
    const end = this.bytes.indexOf(this.#options.newline, at)
    this.start = at
    this.end = this.#trimEnd(at, end < 0 ? this.bytes.length : end)
    this.fields = 0
    this.onRecord(this)
    this.fault = undefined
    this.line += 1
    return end < 0 ? this.bytes.length : end + 1
  }

  /** A record beyond the limit is either one long line, or a quotation mark that was never closed. */
  #refuseLong(at: number): number {
    const end = this.bytes.indexOf(this.#options.newline, at)
    const oneLine = end < 0 || end - at > this.#options.limit
    this.fault = oneLine ? 'long' : 'open'
    if (!oneLine) return this.#refuseLine(at)
    this.start = at
    this.end = Math.min(at + this.#options.limit, this.bytes.length)
    this.fields = 0
    this.cut = true
    this.onRecord(this)
    this.fault = undefined
    this.cut = false
    this.#skipping = true
    return this.#skip(at)
  }

  #skip(from: number): number {
    const end = this.bytes.indexOf(this.#options.newline, from)
    if (end < 0) return this.bytes.length
    this.#skipping = false
    this.line += 1
    return end + 1
  }

  #trimEnd(at: number, end: number): number {
    return this.#options.newline === lineFeed && end > at && this.bytes[end - 1] === carriageReturn ? end - 1 : end
  }

  /** Reads the fields of the record at `at`. Gives where the next begins, or -1 where its end is not there yet. */
  #record(at: number, last: boolean): number {
    const { delimiter } = this.#options
    this.fields = 0
    this.#newlines = 0
    let stop = this.#field(at, last)
    while (stop >= 0 && !this.fault && this.bytes[stop] === delimiter) stop = this.#field(stop + 1, last)
    if (stop >= 0 && !this.fault) stop = this.#lineEnd(stop, last)
    // The line that is refused must be there to its end.
    if (!this.fault || last || this.bytes.includes(this.#options.newline, at)) return stop
    this.fault = undefined
    return -1
  }

  /** Reads one field. Gives what follows it: a delimiter, the end of a line or of all; or -1. */
  #field(from: number, last: boolean): number {
    const { quote } = this.#options
    const at = this.#passBlanks(from)
    return quote >= 0 && this.bytes[at] === quote ? this.#quotedField(at, last) : this.#plainField(from, at, last)
  }

  #passBlanks(from: number): number {
    let at = from
    if (this.#options.delimiter !== blank) while (this.bytes[at] === blank) at++
    return at
  }

  #plainField(from: number, at: number, last: boolean): number {
    const { delimiter, newline } = this.#options
    const { bytes } = this
    const { length } = bytes
    let p = at
    while (p < length) {
      const byte = bytes[p]
      if (byte === delimiter || byte === newline) break
      p++
    }
    if (p >= length && !last) return -1
    this.#add(from, p, 0)
    return p
  }

  #quotedField(at: number, last: boolean): number {
    const close = this.#closingMark(at + 1)
    if (close < 0) return last ? this.#faulty('open', at) : -1
    // What follows the mark decides whether it closes or is the first of two.
    if (close + 1 >= this.bytes.length && !last) return -1
    this.#add(at + 1, close, this.#kind)
    return this.#passBlanks(close + 1)
  }

  /** Where the quotation mark lies that ends the value; -1 where it is not there. */
  #closingMark(from: number): number {
    const { quote, escape: mark, newline } = this.#options
    const { bytes } = this
    const { length } = bytes
    this.#kind = 1
    for (let p = from; p < length; p++) {
      const byte = bytes[p]
      if (byte === newline) this.#newlines++
      else if (byte === mark && (mark !== quote || bytes[p + 1] === quote)) {
        this.#kind = 2
        p++
        if (bytes[p] === newline) this.#newlines++
      } else if (byte === quote) return p
    }
    return -1
  }

  /** Ends the record before the end of its line at `stop`. Gives where the next begins, or -1. */
  #lineEnd(stop: number, last: boolean): number {
    const { newline } = this.#options
    const { bytes } = this
    if (stop >= bytes.length) return last ? this.#close(stop, stop) : -1
    if (bytes[stop] === newline) return this.#close(stop, stop + 1)
    // Behind a closing quotation mark: only the two bytes that end a line may follow.
    const pair = bytes[stop] === carriageReturn && newline === lineFeed
    if (pair && stop + 1 >= bytes.length) return last ? this.#close(stop, stop + 1) : -1
    return pair && bytes[stop + 1] === lineFeed ? this.#close(stop, stop + 2) : this.#faulty('after', stop)
  }

  #close(end: number, next: number): number {
    const field = this.fields - 1
    this.end = this.quoted(field) ? end : this.#trimEnd(this.fieldStart(field), end)
    if (!this.quoted(field)) this.#ends[field] = this.end
    return next
  }

  #faulty(fault: Fault, at: number): number {
    this.fault = fault
    return at
  }

  #add(start: number, end: number, kind: number): void {
    const field = this.fields
    if (field === this.#starts.length) this.#grow()
    this.#starts[field] = start
    this.#ends[field] = end
    this.#kinds[field] = kind
    this.fields = field + 1
  }

  #grow(): void {
    const wider = <T extends Int32Array | Uint8Array>(from: T, to: T): T => {
      to.set(from)
      return to
    }
    const size = this.#starts.length * 2
    this.#starts = wider(this.#starts, new Int32Array(size))
    this.#ends = wider(this.#ends, new Int32Array(size))
    this.#kinds = wider(this.#kinds, new Uint8Array(size))
  }
}
