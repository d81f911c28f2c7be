import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

/** Characters of a line that are read: more than are logged, so that no secret is cut in two before it is found. */
const longest = 16_000

/** Calls back with each line that a process prints, without its control characters. */
export function readLines(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let isCut = false
  const end = () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    const line = rest.replaceAll(/\x1b\[[0-9;]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]/g, '')
    if (line.trim() !== '') onLine(isCut ? `${line}…` : line)
    rest = ''
    isCut = false
  }
  const take = (text: string) => {
    const room = longest - rest.length
    if (text.length > room) isCut = true
    rest += text.slice(0, Math.max(0, room))
  }
  stream.on('data', (chunk: Buffer) => {
    const [first = '', ...others] = decoder.write(chunk).split('\n')
    take(first)
    for (const other of others) {
      end()
      take(other)
    }
  })
  stream.on('end', end)
  // The process has gone; its end is handled elsewhere.
  stream.on('error', () => {})
}
