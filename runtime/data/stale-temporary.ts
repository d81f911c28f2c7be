import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { isSystemError } from '../errors/system-error.ts'

// What is not whole yet bears the mark of its maker, `~HOST-PID-TOKEN`, until it is renamed to its place.
// The token tells a process from an earlier one of the same number (in a container each may be number 7),
// the host one that lives elsewhere on shared storage.

const host = hostname().replaceAll(/[^a-zA-Z0-9]/g, '') || 'host'
const suffix = `~${host}-${process.pid}-${randomBytes(4).toString('hex')}`
const marked = /~([a-zA-Z0-9]+)-(\d+)-[0-9a-f]{8}$/
const abandonedAfter = 7 * 24 * 3600 * 1000

let serial = 0

/** A new path in `folder` for what is not whole yet. Makes the folder. */
export function temporaryPath(folder: string, kind: string): string {
  mkdirSync(folder, { recursive: true })
  serial += 1
  return join(folder, `.${kind}-${serial}${suffix}`)
}

/** Removes from `folder` what processes that no longer live did not finish. What another host's processes made goes after a week. */
export function removeStaleTemporary(folder: string): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    const owner = marked.exec(name)
    if (!owner || name.endsWith(suffix)) continue
    const path = join(folder, name)
    const abandoned = owner[1] === host ? !isAlive(Number(owner[2])) : isOld(path)
    if (abandoned) rmSync(path, { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  // This process's number with another mark belonged to one before it.
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return isSystemError(error, 'EPERM')
  }
}

function isOld(path: string): boolean {
  const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs
  return changed !== undefined && Date.now() - changed > abandonedAfter
}
