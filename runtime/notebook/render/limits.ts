import { fixed } from '../../html/numbers.ts'

// A report stays small enough to open whatever a notebook printed. What is cut says so in its place;
// the notebook itself still has all of it.

/** In characters, but for the counts. */
export const limits = {
  text: 20_000,
  code: 60_000,
  markdown: 200_000,
  html: 300_000,
  picture: 3_000_000,
  figures: 600_000,
  outputsOfACell: 200,
  cells: 2000,
  /** All outputs together. */
  whole: 8_000_000,
} as const

/** What is left for the outputs of a report. */
export class Room {
  #left: number = limits.whole

  /** Takes `length` characters, or gives false where there is not so much left. */
  take(length: number): boolean {
    if (length > this.#left) return false
    this.#left -= length
    return true
  }
}

export interface Cut {
  readonly text: string
  /** What a reader is told where something is missing. */
  readonly note?: string
}

/** The beginning of a long text and its end, where a program tells how it went. */
export const cutText = (text: string, length: number): Cut => {
  if (text.length <= length) return { text }
  const end = Math.round(length / 4)
  const left = text.length - length
  return {
    text: `${text.slice(0, length - end).toWellFormed()}\n⋯\n${text.slice(-end).toWellFormed()}`,
    note: `${fixed(left)} of ${fixed(text.length)} characters are left out in the middle; the notebook has all of them.`,
  }
}

/** The beginning of a long piece of markup. */
export const cutMarkup = (markup: string, length: number): Cut =>
  markup.length <= length
    ? { text: markup }
    : {
        text: markup
          .slice(0, length)
          .toWellFormed()
          .replace(/<[^>]*$/, ''),
        note: `Only the beginning is shown, ${fixed(length)} of ${fixed(markup.length)} characters; the notebook has all of it.`,
      }
