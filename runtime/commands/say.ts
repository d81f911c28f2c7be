import { printable } from '../errors/printable.ts'

/** Prints text on the standard output, whatever names and values of a client's files are in it. */
export const say = (text: string): void => {
  process.stdout.write(printable(text))
}

/** Prints one JSON value. JSON lets some control characters stand, which a terminal would obey: they are escaped too. */
export const sayJson = (value: unknown): void => {
  const escaped = JSON.stringify(value, null, 2).replaceAll(
    /[\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  process.stdout.write(`${escaped}\n`)
}
