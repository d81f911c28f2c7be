import {
  appendFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { isSystemError } from '../errors/system-error.ts'
import { temporaryPath } from './stale-temporary.ts'

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
    if (isSystemError(error, 'EEXIST')) return false
    throw error
  } finally {
    rmSync(temporary, { force: true })
  }
}

export const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T // files that Polku wrote itself

export function readIfThere<T>(path: string): T | undefined {
  try {
    return readJson<T>(path)
  } catch (error) {
    // Absent is normal; a damaged file of ours is as good as absent, because all that is read so can be made again.
    if (error instanceof SyntaxError || isSystemError(error, 'ENOENT')) return undefined
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
    if (isSystemError(error, 'ENOENT')) return ''
    throw error
  }
}

/** Names in a folder, sorted; none where it is absent. */
export function list(folder: string): string[] {
  try {
    return readdirSync(folder).sort()
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  }
}
