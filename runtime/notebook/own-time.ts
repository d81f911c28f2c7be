/** Milliseconds between two looks, at most. */
const longestInterval = 500
/** The share of an interval on the processor below which what is watched rests. */
const resting = 0.01

/**
 * Calls `done` once something has had its time: `milliseconds` on the processor, or of rest. What a busy machine keeps
 * from it does not count. `used` says how many milliseconds on the processor it has used; where it cannot, all time
 * counts. Gives what ends the watch.
 */
export function afterOwnTime(
  milliseconds: number,
  used: () => number | undefined | Promise<number | undefined>,
  done: () => void,
): () => void {
  const interval = Math.min(longestInterval, milliseconds / 4)
  let timer: NodeJS.Timeout | undefined
  let isOver = false
  let [had, before, last] = [0, undefined as number | undefined, performance.now()] // nothing is known before the first look
  const look = async (): Promise<void> => {
    const now = await used()
    if (isOver) return
    // Where the watch itself was held up, so was what it watches.
    const passed = Math.min(performance.now() - last, interval)
    const worked = now === undefined || before === undefined ? undefined : now - before
    had += worked === undefined || worked < passed * resting ? passed : Math.min(worked, passed)
    ;[before, last] = [now, performance.now()]
    if (had < milliseconds) timer = setTimeout(look, interval)
    else done()
  }
  timer = setTimeout(look, interval)
  return () => {
    isOver = true
    clearTimeout(timer)
  }
}
