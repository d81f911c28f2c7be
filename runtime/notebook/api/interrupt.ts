// A kernel stops its cell; what the cell waits for shall stop too, and what is asked next shall not.

let current = new AbortController()

/** Aborts when the cell that runs now is interrupted. */
export const cellSignal = (): AbortSignal => current.signal

/** Stops what cells have asked for. */
export function interruptWork(): void {
  const stopped = current
  current = new AbortController()
  stopped.abort()
}
