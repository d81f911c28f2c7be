import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isSystemError } from '../../errors/system-error.ts'

/** What a client's own nodes look like now: a process that has loaded them once does not see them change. */
export function nodesState(folder: string): string {
  try {
    return readdirSync(join(folder, 'nodes'), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name)
        const { size, mtimeMs } = statSync(path)
        return `${path} ${size} ${mtimeMs}`
      })
      .sort()
      .join('\n')
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return ''
    throw error
  }
}
