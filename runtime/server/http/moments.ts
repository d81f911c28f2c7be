import { PolkuError } from '../../errors/errors.ts'

/**
 * A time that a query names, whose form its schema has checked; undefined where it names none. Throws REQUEST_INVALID for
 * a day or an hour that no calendar and no clock has.
 */
export function momentOf(part: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined
  const time = new Date(text)
  // Date takes 30 February for 2 March.
  if (!Number.isNaN(time.getTime()) && time.toISOString().startsWith(text.slice(0, 10))) return time
  throw new PolkuError('REQUEST_INVALID', {
    reason: `query.${part} is no time`,
    right: 'A date, or a time of UTC such as 2026-10-01T06:00Z.',
    found: text,
  })
}
