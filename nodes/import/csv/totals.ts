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
/** So many bytes at most are counted before the packed counters are emptied: each has ten bits. */
const blockBytes = 1000

/**
 * Counts line ends and delimiters: three counters packed into one number, added up from a table byte
 * by byte, so that no branch depends on the data.
 */
class ByteCounter {
  lineFeeds = 0
  carriageReturns = 0
  delimiters = 0
  readonly #weights = new Uint32Array(256)

  constructor(delimiter: string) {
    this.#weights[10] = 1
    this.#weights[13] = 1 << 10
    if (delimiter !== '') this.#weights[delimiter.charCodeAt(0)] = 1 << 20
  }

  push(bytes: Uint8Array): void {
    const weights = this.#weights
    for (let start = 0; start < bytes.length; start += blockBytes) {
      const end = Math.min(start + blockBytes, bytes.length)
      let packed = 0
      let p = start
      for (; p < end - 3; p += 4)
        packed +=
          (weights[bytes[p] ?? 0] ?? 0) +
          (weights[bytes[p + 1] ?? 0] ?? 0) +
          (weights[bytes[p + 2] ?? 0] ?? 0) +
          (weights[bytes[p + 3] ?? 0] ?? 0)
      for (; p < end; p++) packed += weights[bytes[p] ?? 0] ?? 0
      this.lineFeeds += packed & 1023
      this.carriageReturns += (packed >>> 10) & 1023
      this.delimiters += packed >>> 20
    }
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
