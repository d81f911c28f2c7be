import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** The records of a small CSV text, quoted fields and doubled quotation marks understood. */
const parseCsv = (text: string, delimiter = ','): string[][] => {
  const records: string[][] = []
  for (const line of text.split(/\r?\n/)) {
    if (line === '') continue
    const fields: string[] = []
    let rest = line
    for (;;) {
      const quoted = /^"((?:[^"]|"")*)"/.exec(rest)
      const end = quoted ? quoted[0].length : rest.indexOf(delimiter)
      const raw = end < 0 ? rest : rest.slice(0, end)
      fields.push(quoted ? (quoted[1] ?? '').replaceAll('""', '"') : raw)
      if (end < 0 || end >= rest.length) break
      rest = rest.slice(end + 1)
    }
    records.push(fields)
  }
  return records
}

export type Row = Record<string, string>

/** The records as objects under the header's names; those of another width are left out. */
const toRows = ([header = [], ...records]: string[][]): Row[] =>
  records
    .filter((record) => record.length === header.length)
    .map((record) => Object.fromEntries(header.map((name, index) => [name, record[index] ?? ''])))

export const readCustomers = (folder: string): { rows: Row[]; records: string[][] } => {
  const text = new TextDecoder('windows-1252').decode(readFileSync(join(folder, 'customers.csv')))
  const records = parseCsv(text, ';')
  return { rows: toRows(records), records }
}

export const readUtf8 = (folder: string, name: string): Row[] => {
  const bytes = readFileSync(join(folder, name))
  const text = new TextDecoder('utf-8', { fatal: true }).decode(name.endsWith('.gz') ? gunzipSync(bytes) : bytes)
  return toRows(parseCsv(text))
}

/** What the test looks up must be there. */
export const present = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('Nothing was found where a value must be.')
  return value
}
