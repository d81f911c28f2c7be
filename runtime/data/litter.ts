import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { list } from './files.ts'

/** Removes what processes that are no longer alive left in a temporary folder; its entries end in `-PID`. */
export function sweep(folder: string): void {
  for (const name of list(folder)) {
    const pid = Number(/-(\d+)$/.exec(name)?.[1])
    if (pid > 0 && pid !== process.pid && !isAlive(pid)) rmSync(join(folder, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
