import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder that holds package.json: Polku's own, not a workspace. */
export const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)))

/** For what can be made again: compiled code, a type checker's start. */
export const cacheFolder = join(projectRoot, 'node_modules', '.cache', 'polku')

// package.json is ours and has a version.
const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { version: string }
export const polkuVersion = version

const sources = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()

let engineVersion: string | undefined

/**
 * The version of everything that can change a step's result beside its node: Polku's version and
 * the code of `runtime/data` and `runtime/model`. Part of every cache key.
 */
export function engine(): string {
  if (engineVersion === undefined) {
    const hash = createHash('sha256')
    for (const room of ['data', 'model'])
      for (const file of sources(join(projectRoot, 'runtime', room))) hash.update(readFileSync(file))
    engineVersion = `${version}+${hash.digest('hex').slice(0, 12)}`
  }
  return engineVersion
}
