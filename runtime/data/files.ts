import { createHash, hash } from 'node:crypto'
import {
  appendFileSync,
  createReadStream,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { temporaryPath } from './litter.ts'

/** A file up to this size is read at once, in bytes: a stream costs more than it saves. */
const readAtOnce = 1 << 20

/** SHA-256 of a file's bytes, hexadecimal. */
export async function hashFile(path: string): Promise<string> {
  if (statSync(path).size <= readAtOnce) return hash('sha256', readFileSync(path), 'hex')
  const stream = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), stream)
  return stream.digest('hex')
}

export const hashText = (text: string): string => hash('sha256', text, 'hex')

/** JSON whose keys are sorted, so that equal values have equal texts. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([left], [right]) => (left < right ? -1 : 1)))
      : part,
  )

/** Writes a whole file or nothing: in the folder `unfinished`, then renamed. */
export function writeWhole(path: string, content: string, unfinished: string): void {
  mkdirSync(dirname(path), { recursive: true })
  const temporary = temporaryPath(unfinished, 'file')
  try {
    writeFileSync(temporary, content)
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

/** Creates a whole file that must not exist yet, made in the folder `unfinished`. Gives false where somebody was first. */
export function createExclusively(path: string, content: string, unfinished: string): boolean {
  mkdirSync(dirname(path), { recursive: true })
  const temporary = temporaryPath(unfinished, 'file')
  try {
    writeFileSync(temporary, content)
    linkSync(temporary, path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(temporary, { force: true })
  }
}

export const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T // files that Polku wrote itself

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
    const found: Remembered = { size, modified, hash: await hashFile(path) }
    if (now - modified > 2000) writeWhole(this.#place(path), JSON.stringify(found), this.#unfinished)
    return found.hash
  }

  /** The hash of a file that is still the one whose hash was remembered. */
  remembered(path: string): string | undefined {
    const { size, modified } = state(path)
    const remembered = readIfThere<Remembered>(this.#place(path))
    return remembered?.size === size && remembered.modified === modified ? remembered.hash : undefined
  }

  #place(path: string): string {
    return join(this.#memory, `${hashText(path).slice(0, 32)}.json`)
  }
}

export function readIfThere<T>(path: string): T | undefined {
  try {
    return readJson<T>(path)
  } catch (error) {
    // Absent is normal; a damaged file of ours is as good as absent, because all that is read so can be made again.
    if (error instanceof SyntaxError || (error instanceof Error && 'code' in error && error.code === 'ENOENT'))
      return undefined
    throw error
  }
}

/** The JSON of each line of a file; none where it is absent. A line that a killed process left half written is passed over. */
export function readLines<T>(path: string): T[] {
  return textIfThere(path)
    .split('\n')
    .flatMap((line): T[] => {
      try {
        return line === '' ? [] : [JSON.parse(line) as T] // files that Polku wrote itself
      } catch {
        return []
      }
    })
}

/** Ends the last line of a file where a killed process left it half written, so that the next one begins anew. */
export function endLastLine(path: string): void {
  const text = textIfThere(path)
  if (text !== '' && !text.endsWith('\n')) appendFileSync(path, '\n')
}

function textIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}

/** Names in a folder, sorted; none where it is absent. */
export function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return []
    throw error
  }
}
