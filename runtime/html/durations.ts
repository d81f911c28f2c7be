import { fixed, plainSpaces } from './numbers.ts'

/** `340 ms`, `12.3 s`, `3 min 20 s`, `1 h 05 min`. */
export const duration = (milliseconds: number): string => {
  if (!Number.isFinite(milliseconds)) return '–'
  if (milliseconds < 999.5) return `${fixed(Math.max(0, milliseconds))}\u00a0ms`
  if (milliseconds < 59_950) return `${fixed(milliseconds / 1000, 1)}\u00a0s`
  const seconds = Math.round(milliseconds / 1000)
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60]
  if (minutes < 60) return `${minutes}\u00a0min ${rest}\u00a0s`
  return `${fixed(Math.floor(minutes / 60))}\u00a0h ${String(minutes % 60).padStart(2, '0')}\u00a0min`
}

/** The same for a terminal or a log: with plain spaces. */
export const plainDuration = (milliseconds: number): string => plainSpaces(duration(milliseconds))
