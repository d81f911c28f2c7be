import { open } from 'node:fs/promises'
import { Utf8Check } from './encoding.ts'

/** What a pass over a plain UTF-8 file counts, without looking at its records. */
export interface Totals {
  readonly bytes: number
  readonly lineFeeds: number
  readonly carriageReturns: number
  readonly delimiters: number
  readonly hasNul: boolean
  readonly isUtf8: boolean
}

const pieceBytes = 1 << 20
/** So many pairs of bytes at most are counted before the packed counters are emptied: each has ten bits. */
const blockPairs = 500

/**
 * Counts line ends and delimiters: three counters packed into one number, added up from a table by
 * pairs of bytes, so that no branch depends on the data. Twice as fast as byte by byte.
 */
class ByteCounter {
  lineFeeds = 0
  carriageReturns = 0
  delimiters = 0
  readonly #weights = new Uint32Array(1 << 16)

  constructor(delimiter: string) {
    const single = new Uint32Array(256)
    single[10] = 1
    single[13] = 1 << 10
    if (delimiter !== '') single[delimiter.charCodeAt(0)] = 1 << 20
    // Both bytes of a pair have a table of all bytes to look in.
    for (let pair = 0; pair < 1 << 16; pair++) this.#weights[pair] = single[pair & 255]! + single[pair >> 8]!
  }

  /** @param bytes must begin at an even place of its memory. */
  push(bytes: Buffer): void {
    const pairs = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length >> 1)
    for (let start = 0; start < pairs.length; start += blockPairs)
      this.#block(pairs, start, Math.min(start + blockPairs, pairs.length))
    if (bytes.length % 2 === 1) this.#add(this.#weights[bytes.at(-1) ?? 0] ?? 0)
  }

  #block(pairs: Uint16Array, start: number, end: number): void {
    const weights = this.#weights
    let packed = 0
    let p = start
    // Every pair is an index of the table.
    for (; p < end - 3; p += 4)
      packed += weights[pairs[p]!]! + weights[pairs[p + 1]!]! + weights[pairs[p + 2]!]! + weights[pairs[p + 3]!]!
    for (; p < end; p++) packed += weights[pairs[p]!]!
    this.#add(packed)
  }

  #add(packed: number): void {
    this.lineFeeds += packed & 1023
    this.carriageReturns += (packed >>> 10) & 1023
    this.delimiters += packed >>> 20
  }
}

/** Counts a file in one pass of bounded memory. `delimiter` is one ASCII character, or empty. */
export async function countBytes(path: string, delimiter: string, signal: AbortSignal): Promise<Totals> {
  const counter = new ByteCounter(delimiter)
  const check = new Utf8Check()
  const piece = Buffer.alloc(pieceBytes)
  const file = await open(path)
  let bytes = 0
  let hasNul = false
  try {
    for (;;) {
      signal.throwIfAborted()
      const { bytesRead } = await file.read(piece, 0, pieceBytes)
      if (bytesRead === 0) break
      const part = piece.subarray(0, bytesRead)
      bytes += bytesRead
      counter.push(part)
      check.push(part)
      hasNul ||= part.includes(0)
    }
  } finally {
    await file.close()
  }
  const { lineFeeds, carriageReturns, delimiters } = counter
  return { bytes, lineFeeds, carriageReturns, delimiters, hasNul, isUtf8: check.finish() }
}
