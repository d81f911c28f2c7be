import { isSystemError } from '../../../errors/system-error.ts'
/** The process that started the kernel. */
export interface Parent {
  /** As Jupyter names it, which may have started the kernel by way of others; or 0. */
  readonly named: number
  /** As the system knows it. */
  readonly own: number
}

/** Milliseconds between two looks. */
const interval = 1000

/** Calls `gone`, once, when nobody is left to talk to, because the process that started the kernel is gone. */
export function watchParent({ named, own }: Parent, gone: () => void): void {
  // Who is adopted by another has lost the own parent; a named one is known by its number alone.
  const isGone = () => (named > 0 && named !== own ? !isAlive(named) : process.ppid !== own)
  const timer = setInterval(() => {
    if (!isGone()) return
    clearInterval(timer)
    gone()
  }, interval)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It lives, and belongs to another user.
    return isSystemError(error, 'EPERM')
  }
}

/** Ends the kernel's group of processes, and so what its cells have started; where it leads none, nothing. */
export function endGroup(): void {
  try {
    process.kill(-process.pid, 'SIGKILL')
  } catch (error) {
    if (!isSystemError(error, 'ESRCH')) throw error
  }
}
