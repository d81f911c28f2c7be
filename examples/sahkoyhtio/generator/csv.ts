import { randomUUID } from 'node:crypto'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** One field as CSV wants it, quoted where it holds the delimiter, a quotation mark or a line end. */
const field = (text: string, delimiter: string): string =>
  text.includes(delimiter) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text

export const line = (fields: readonly string[], delimiter = ','): string =>
  fields.map((text) => field(text, delimiter)).join(delimiter)

/** Euros from whole cents, with two decimals and without the slowness of toFixed. */
export const euros = (cents: number, decimal = '.'): string => {
  const whole = Math.floor(Math.abs(cents) / 100)
  return `${cents < 0 ? '-' : ''}${whole}${decimal}${String(Math.abs(cents) % 100).padStart(2, '0')}`
}

// The characters of Windows-1252 that ISO-8859-1 lacks and the generator uses.
const BEYOND_LATIN_1: Record<string, string> = { '€': '\x80', '’': '\x92', '–': '\x96' }

/** The bytes of `text` in Windows-1252. Throws on a character that it lacks. */
export const windows1252 = (text: string): Buffer => {
  const single = text.replace(/[€’–]/g, (character) => BEYOND_LATIN_1[character] ?? character)
  const foreign = /[\u0100-\uffff]/.exec(single)
  if (foreign) throw new RangeError(`Windows-1252 has no "${foreign[0]}".`)
  return Buffer.from(single, 'latin1')
}

/** Writes a file whole or not at all: no reader ever sees half of it. */
export const writeWhole = (path: string, bytes: string | Uint8Array): void => {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`)
  try {
    writeFileSync(temporary, bytes)
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}
