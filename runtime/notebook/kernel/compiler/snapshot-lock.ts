import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** The file that is there while a process makes a snapshot: it holds the process's id. */
export const lockOf = (snapshot: string): string => `${snapshot}.lock`

/** Whether a process that lives has the lock. */
export function isHeld(lock: string): boolean {
  if (!existsSync(lock)) return false
  const holder = Number(readFileSync(lock, 'utf8'))
  // Just made, and not written yet.
  if (!(holder > 0)) return true
  try {
    process.kill(holder, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code !== 'ESRCH'
  }
}

/** Takes the lock, also that of a process which died; false where another lives. Makes its folder. */
export function takeLock(lock: string): boolean {
  mkdirSync(dirname(lock), { recursive: true })
  if (existsSync(lock) && !isHeld(lock)) rmSync(lock, { force: true })
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}
