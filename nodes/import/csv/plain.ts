import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { type Compression, readChunks } from './bytes.ts'
import { type Encoding, EvidenceCounter, Recoder, verdict } from './encoding.ts'
import type { Layout } from './layout.ts'
import { aligned } from './layout.ts'
import type { Fail } from './settings.ts'

/** Something that turns bytes into other bytes, piece by piece. */
interface Transform {
  push(chunk: Buffer): Buffer
  finish(): Buffer
}

const unchanged: Transform = { push: (chunk) => chunk, finish: () => Buffer.alloc(0) }

// A line that is longer is not read anyway, and must not fill the memory.
const longestPending = 1 << 24

/** Turns blanks between fields into tabs, line by line. */
class Aligner implements Transform {
  #pending: Buffer = Buffer.alloc(0)

  push(chunk: Buffer): Buffer {
    const bytes = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : chunk
    // A carriage return at the very end may be half of a line's end.
    const last = bytes.length - (bytes.at(-1) === 13 ? 1 : 0)
    const whole = Math.max(bytes.lastIndexOf(10, last - 1), bytes.lastIndexOf(13, last - 1)) + 1
    const end = whole === 0 && bytes.length > longestPending ? bytes.length : Math.min(whole, last)
    this.#pending = bytes.subarray(end)
    return Buffer.from(aligned(bytes.toString('utf8', 0, end)))
  }

  finish(): Buffer {
    return Buffer.from(aligned(this.#pending.toString()))
  }
}

const chain = (first: Transform, second: Transform): Transform => ({
  push: (chunk) => second.push(first.push(chunk)),
  finish: () => Buffer.concat([second.push(first.finish()), second.finish()]),
})

/** Whether a file must be rewritten before DuckDB can read it as it is. */
export const needsRewriting = ({ compression, encoding, whitespace }: Layout): boolean =>
  compression !== 'none' || whitespace || (encoding !== undefined && encoding !== 'utf-8')

/** Writes a file unpacked, as UTF-8 and with tabs for blanks, as the layout asks, in bounded memory. */
export async function rewrite(
  from: { readonly path: string; readonly compression: Compression; readonly encoding?: Encoding },
  whitespace: boolean,
  to: string,
  fail: Fail,
  signal: AbortSignal,
): Promise<void> {
  const { path, compression, encoding } = from
  const recoder = encoding !== undefined && encoding !== 'utf-8' ? new Recoder(encoding) : unchanged
  const transform = whitespace ? chain(recoder, new Aligner()) : recoder
  const pieces = async function* () {
    for await (const chunk of readChunks(path, compression, fail)) yield transform.push(chunk)
    yield transform.finish()
  }
  try {
    await pipeline(pieces, createWriteStream(to), { signal })
  } catch (error) {
    if (error instanceof TypeError && 'code' in error && error.code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      fail('notEncoding', { file: path, encoding: encoding ?? '', actual: 'it holds half a character', right: 'utf-8' })
    throw error
  }
}

/** What a file whose head is plain ASCII is written in, by all of it; and where it first is no UTF-8. */
export async function weighFile(path: string, fail: Fail) {
  const counter = new EvidenceCounter()
  for await (const chunk of readChunks(path, 'none', fail)) counter.push(chunk)
  return { ...counter.evidence, encoding: verdict(counter.evidence) ?? 'utf-8' }
}
