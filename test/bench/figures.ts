// What the benchmarks print with.

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((left, right) => left - right)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

/** Of milliseconds. */
export const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(2)

/** Whether an aim was reached. */
export const verdict = (holds: boolean): string => (holds ? 'met' : 'missed')
