import { createHash, hash } from 'node:crypto'
import { createReadStream, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { readIfThere, writeWhole } from './files.ts'

// The hashes by which contents are told from one another: SHA-256, hexadecimal.

/** A file up to this size is read at once, in bytes: a stream costs more than it saves. */
const readAtOnce = 1 << 20

/** SHA-256 of a file's bytes, hexadecimal. */
export async function hashFile(path: string): Promise<string> {
  if (statSync(path).size <= readAtOnce) return hash('sha256', readFileSync(path), 'hex')
  const stream = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), stream)
  return stream.digest('hex')
}

export const hashText = (text: string | Uint8Array): string => hash('sha256', text, 'hex')

/** JSON whose keys are sorted, so that equal values have equal texts. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([left], [right]) => (left < right ? -1 : 1)))
      : part,
  )

interface Remembered {
  readonly size: number
  readonly modified: number
  readonly hash: string
}

function state(path: string): Omit<Remembered, 'hash'> {
  const { size, mtimeMs, ctimeMs } = statSync(path)
  return { size, modified: Math.max(mtimeMs, ctimeMs) }
}

/**
 * Hashes of files that others write, remembered by path, size and modification time, so that an
 * unchanged gigabyte is not read again. A file modified within the last two seconds is not
 * remembered: it could still change within the clock's resolution.
 */
export class FileHashes {
  readonly #memory: string
  readonly #unfinished: string

  constructor(memory: string, unfinished: string) {
    this.#memory = memory
    this.#unfinished = unfinished
  }

  async hash(path: string, now: number): Promise<string> {
    const remembered = this.remembered(path)
    if (remembered) return remembered
    const { size, modified } = state(path)
    const computed: Remembered = { size, modified, hash: await hashFile(path) }
    if (now - modified > 2000) writeWhole(this.#fileOf(path), JSON.stringify(computed), this.#unfinished)
    return computed.hash
  }

  /** The hash of a file that is still the one whose hash was remembered. */
  remembered(path: string): string | undefined {
    const { size, modified } = state(path)
    const remembered = readIfThere<Remembered>(this.#fileOf(path))
    return remembered?.size === size && remembered.modified === modified ? remembered.hash : undefined
  }

  #fileOf(path: string): string {
    return join(this.#memory, `${hashText(path).slice(0, 32)}.json`)
  }
}
