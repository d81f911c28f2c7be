import { isAscii, isUtf8 } from 'node:buffer'
import { TextDecoder } from 'node:util'

export type Encoding = 'utf-8' | 'windows-1252' | 'iso-8859-15' | 'utf-16le' | 'utf-16be'

/** How often bytes beyond ASCII form UTF-8 characters, and how often they cannot. */
export interface Evidence {
  valid: number
  invalid: number
  /** The first byte that is no UTF-8, and the line it is on; -1 where there is none. */
  wrongByte: number
  wrongLine: number
}

// What a lead byte promises: the length of its character, and the range of its second byte (RFC 3629, section 4).
function promise(lead: number): readonly [length: number, low: number, high: number] {
  if (lead >= 0xc2 && lead <= 0xdf) return [2, 0x80, 0xbf]
  if (lead >= 0xe0 && lead <= 0xef) return [3, lead === 0xe0 ? 0xa0 : 0x80, lead === 0xed ? 0x9f : 0xbf]
  if (lead >= 0xf0 && lead <= 0xf4) return [4, lead === 0xf0 ? 0x90 : 0x80, lead === 0xf4 ? 0x8f : 0xbf]
  return [0, 0, 0]
}

/** Weighs bytes for and against UTF-8, in pieces that may be cut anywhere. */
export class EvidenceCounter {
  readonly evidence: Evidence = { valid: 0, invalid: 0, wrongByte: -1, wrongLine: -1 }
  #line = 1
  #pending: Buffer = Buffer.alloc(0)

  push(chunk: Buffer): void {
    const bytes = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : chunk
    let at = 0
    while (at < bytes.length) {
      const step = this.#step(bytes, at)
      if (step === 0) break
      at += step
    }
    this.#pending = Buffer.from(bytes.subarray(at))
  }

  /** How many bytes the character at `at` takes; 0 where the rest of it has yet to come. */
  #step(bytes: Buffer, at: number): number {
    const byte = bytes[at] ?? 0
    if (byte === 10) this.#line += 1
    if (byte < 0x80) return 1
    const [length, low, high] = promise(byte)
    for (let k = 1; k < length; k++) {
      const next = bytes[at + k]
      if (next === undefined) return 0
      if (next < (k === 1 ? low : 0x80) || next > (k === 1 ? high : 0xbf)) return this.#wrong(byte)
    }
    if (length === 0) return this.#wrong(byte)
    this.evidence.valid += 1
    return length
  }

  #wrong(byte: number): number {
    const { evidence } = this
    if (evidence.invalid === 0) {
      evidence.wrongByte = byte
      evidence.wrongLine = this.#line
    }
    evidence.invalid += 1
    return 1
  }
}

export function weigh(bytes: Buffer): Evidence {
  const counter = new EvidenceCounter()
  counter.push(bytes)
  return counter.evidence
}

/** The encoding that the evidence speaks for; undefined for plain ASCII, which all encodings share. */
export const verdict = ({ valid, invalid }: Evidence): 'utf-8' | 'windows-1252' | undefined =>
  valid + invalid === 0 ? undefined : valid >= invalid ? 'utf-8' : 'windows-1252'

/** Bytes before the text that only tell its encoding. */
export function markLength(bytes: Buffer, encoding: Encoding | undefined): number {
  if (encoding === 'utf-16le' || encoding === 'utf-16be') return utf16Mark(bytes) ? 2 : 0
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
}

const utf16Mark = (bytes: Buffer): Encoding | undefined =>
  bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : undefined

/** UTF-16 by its mark, or by every other byte of mostly Latin text being zero. */
export function utf16Of(bytes: Buffer): Encoding | undefined {
  const marked = utf16Mark(bytes)
  if (marked) return marked
  const sample = bytes.subarray(0, 4096)
  let even = 0
  let odd = 0
  for (const [index, byte] of sample.entries())
    if (byte === 0) {
      if (index % 2 === 0) even++
      else odd++
    }
  const half = sample.length / 2
  if (odd > half * 0.7 && even < half * 0.05) return 'utf-16le'
  return even > half * 0.7 && odd < half * 0.05 ? 'utf-16be' : undefined
}

/** What the head of a file is written in; undefined where it is plain ASCII and the rest must decide. */
export function detectEncoding(head: Buffer): Encoding | undefined {
  if (isAscii(head) && !head.includes(0)) return undefined
  if (markLength(head, 'utf-8') > 0) return 'utf-8'
  return utf16Of(head) ?? verdict(weigh(head))
}

/** Turns bytes of an encoding into UTF-8, piece by piece, without the mark. Throws a TypeError at half a UTF-16 character. */
export class Recoder {
  readonly #decoder: TextDecoder
  constructor(encoding: Encoding) {
    this.#decoder = new TextDecoder(encoding, { fatal: encoding.startsWith('utf-16') })
  }

  push(chunk: Buffer): Buffer {
    return Buffer.from(this.#decoder.decode(chunk, { stream: true }))
  }

  finish(): Buffer {
    return Buffer.from(this.#decoder.decode())
  }
}

/** Whether pieces of bytes are UTF-8 together, however they are cut. */
export class Utf8Check {
  valid = true
  readonly #rest = Buffer.alloc(4)
  #held = 0

  push(chunk: Buffer): void {
    if (!this.valid || chunk.length === 0) return
    let from = 0
    // Finish the character that the piece before left open.
    while (this.#held > 0 && from < chunk.length) {
      const length = promise(this.#rest[0] ?? 0)[0]
      this.#rest[this.#held] = chunk[from] ?? 0
      this.#held += 1
      from += 1
      if (this.#held < length) continue
      this.valid &&= isUtf8(this.#rest.subarray(0, this.#held))
      this.#held = 0
    }
    const open = openBytes(chunk.subarray(from))
    this.valid &&= isUtf8(chunk.subarray(from, chunk.length - open))
    for (let k = 0; k < open; k++) this.#rest[this.#held + k] = chunk[chunk.length - open + k] ?? 0
    this.#held += open
  }

  finish(): boolean {
    this.valid &&= this.#held === 0
    return this.valid
  }
}

/** How many bytes at the end of a piece begin a character that is not whole. */
function openBytes(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte >= 0xc0) return promise(byte)[0] > back ? back : 0
    if (byte < 0x80) return 0
  }
  return 0
}
