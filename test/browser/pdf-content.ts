import { inflateSync } from 'node:zlib'

/** What a PDF draws: its compressed streams, unpacked. */
export const contentOf = (pdf: Buffer): string => {
  const text = pdf.toString('latin1')
  return [...text.matchAll(/\/FlateDecode[^>]*>>\s*stream\r?\n/g)]
    .map((match) => {
      const start = match.index + match[0].length
      const packed = pdf.subarray(start, text.indexOf('endstream', start))
      return inflateSync(packed, { finishFlush: 2 }).toString('latin1')
    })
    .join('\n')
}
