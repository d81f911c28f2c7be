import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const longest = 40
/** Names that Windows keeps for devices, whatever their ending. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)$/

const hashOf = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 8)

/** The letters, digits, hyphens and underscores of a name, small: it can neither climb out of a folder nor hide in it. */
const plain = (name: string): string => {
  const safe = name
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_]+/gu, '-')
    .replaceAll(/^-+|-+$/g, '')
  return [...safe].slice(0, longest).join('')
}

/** A folder's name that no other name shares: where the name cannot stand as it is, a hash of it follows. */
export const folderName = (name: string): string => {
  const safe = plain(name)
  return safe === name && safe !== '' && !reserved.test(safe) ? safe : `${safe || 'name'}-${hashOf(name)}`
}

/** The file of each channel; a hash follows where two would share one. */
export const fileNames = (channels: readonly string[]): ReadonlyMap<string, string> => {
  const shared = (name: string) => channels.filter((other) => plain(other) === plain(name)).length > 1
  return new Map(
    channels.map((name) => {
      const doubtful = plain(name) === '' || reserved.test(plain(name)) || shared(name)
      return [name, `${doubtful ? `${plain(name) || 'channel'}-${hashOf(name)}` : plain(name)}.csv`]
    }),
  )
}

/** The first folder of the path below `folder` that is a link: files behind it would lie somewhere else. */
export const linkOnTheWay = (folder: string, names: readonly string[]): string | undefined =>
  names
    .map((_, index) => names.slice(0, index + 1).join('/'))
    .find((path) => lstatSync(join(folder, path), { throwIfNoEntry: false })?.isSymbolicLink())

const isRunning = (process_: number): boolean => {
  try {
    process.kill(process_, 0)
    return true
  } catch (error) {
    // Not permitted to signal it means that there is one.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/**
 * Removes from a campaign's own folder the files that `keep` does not name, and what a killed process left half
 * written. Gives the names of the whole files it removed.
 */
export const removeStale = (folder: string, keep: ReadonlySet<string>): readonly string[] => {
  const names = lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder).sort() : []
  const halves = names.filter((name) => {
    const writer = /\.csv\.(\d+)\.tmp$/.exec(name)?.[1]
    return writer !== undefined && !isRunning(Number(writer))
  })
  const stale = names.filter((name) => name.endsWith('.csv') && !keep.has(name))
  for (const name of [...halves, ...stale]) rmSync(join(folder, name))
  return stale
}
