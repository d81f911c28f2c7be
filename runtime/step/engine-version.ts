import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { polkuVersion, projectRoot } from '../data/installation.ts'

const sources = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()

let cached: string | undefined

/**
 * The version of everything that can change a step's result beside its node: Polku's version and
 * the code of `runtime/data` and `runtime/model`. Part of every cache key.
 */
export function engineVersion(): string {
  if (cached === undefined) {
    const hash = createHash('sha256')
    for (const room of ['data', 'model'])
      for (const file of sources(join(projectRoot, 'runtime', room))) hash.update(readFileSync(file))
    cached = `${polkuVersion}+${hash.digest('hex').slice(0, 12)}`
  }
  return cached
}
