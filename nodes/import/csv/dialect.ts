import { type Fault, RecordScanner, type ScanOptions } from './scanner.ts'
import type { Settings } from './settings.ts'

/** What ends a line. */
export interface LineEnd {
  readonly newline: 10 | 13
  /** Whether a carriage return stands before the line feed. */
  readonly pairs: boolean
}

/** How a file tells its fields and records apart. */
export interface Dialect extends LineEnd {
  /** One character; empty where a line is one field. */
  readonly delimiter: string
  /** One character; empty where nothing is quoted. */
  readonly quote: string
  readonly escape: 'doubled' | 'backslash'
}

/** Records of the head as texts, and those that could not be read. */
export interface Sample {
  /** Whether a value holds the end of a line. */
  readonly linesInValues: boolean
  readonly records: readonly { readonly line: number; readonly values: readonly string[] }[]
  readonly faults: readonly { readonly line: number; readonly fault: Fault }[]
}

const byteOf = (character: string): number => (character === '' ? -1 : character.charCodeAt(0))

export const scanOptions = (dialect: Dialect): ScanOptions => ({
  delimiter: byteOf(dialect.delimiter),
  quote: byteOf(dialect.quote),
  escape: byteOf(dialect.escape === 'backslash' ? '\\' : dialect.quote),
  newline: dialect.newline,
})

/** Reads the records of the head, at most `limit`. A record that the head cuts is left out. */
export function sampleOf(head: Buffer, whole: boolean, dialect: Dialect, limit = 20_000): Sample {
  const records: { line: number; values: string[] }[] = []
  const faults: { line: number; fault: Fault }[] = []
  const scanner = new RecordScanner(scanOptions(dialect), (record) => {
    if (record.fault) faults.push({ line: record.line, fault: record.fault })
    else if (records.length < limit) {
      const values: string[] = []
      for (let field = 0; field < record.fields; field++) values.push(record.value(field))
      records.push({ line: record.line, values })
    }
  })
  scanner.push(head)
  if (whole) scanner.finish()
  return { records, faults, linesInValues: scanner.linesInValues }
}

const named: Readonly<Record<string, string>> = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' }
const candidates = [',', ';', '\t', '|']

// Enough to tell a dialect by; types are found on more.
const dialectBytes = 1 << 16

/** What ends most lines of a head: a carriage return alone only where there is no line feed at all. */
export function lineEndOf(head: Buffer): LineEnd {
  if (!head.includes(10) && head.includes(13)) return { newline: 13, pairs: false }
  const text = head.toString('latin1', 0, dialectBytes)
  const pairs = text.split('\r\n').length
  return { newline: 10, pairs: pairs > 1 && pairs * 2 > text.split('\n').length }
}

function detectQuote(text: string): string {
  const double = /(^|[,;\t|\r\n]) *"/.test(text)
  if (double) return '"'
  // Apostrophes are common inside words: they must open and close fields in earnest.
  const opened = text.match(/(^|[,;\t|\n])'/g)?.length ?? 0
  const closed = text.match(/'(?=[,;\t|\r\n]|$)/g)?.length ?? 0
  return opened > 2 && opened === closed ? "'" : '"'
}

/** A backslash escapes only where that makes sense of records that doubling does not. */
function detectEscape(head: Buffer, whole: boolean, dialect: Omit<Dialect, 'escape'>): Dialect['escape'] {
  if (dialect.quote === '' || !head.includes(`\\${dialect.quote}`)) return 'doubled'
  const faults = (written: Dialect['escape']) => sampleOf(head, whole, { ...dialect, escape: written }).faults.length
  return faults('backslash') < faults('doubled') ? 'backslash' : 'doubled'
}

export interface Split {
  readonly delimiter: string
  /** The number of fields of the first record. */
  readonly fields: number
  /** Share of records that have as many. */
  readonly share: number
  /** Share of values that hold no other delimiter, unless as a decimal comma. */
  readonly clean: number
}

/** The commonest number of fields among records. */
export function commonFields(records: Sample['records']): number {
  const counts = new Map<number, number>()
  for (const { values } of records) counts.set(values.length, (counts.get(values.length) ?? 0) + 1)
  return [...counts].sort((left, right) => right[1] - left[1] || right[0] - left[0])[0]?.[0] ?? 0
}

/** Whether a record has a delimiter after its last field, as some programs write it. */
export const endsOpen = (values: readonly string[], fields: number): boolean =>
  values.length === fields + 1 && values.at(-1) === ''

const foreign = (delimiter: string): RegExp => new RegExp(`[${candidates.filter((one) => one !== delimiter).join('')}]`)

function splitBy(delimiter: string, head: Buffer, whole: boolean, quote: string, ends: LineEnd): Split {
  const dialect = { delimiter, quote, ...ends }
  const { records, faults } = sampleOf(head, whole, { ...dialect, escape: detectEscape(head, whole, dialect) })
  const fields = records[0]?.values.length ?? 0
  const same = records.filter(({ values }) => values.length === fields || endsOpen(values, fields)).length
  const values = records.slice(0, 200).flatMap((record) => record.values)
  const other = foreign(delimiter)
  const clean = values.filter((value) => !other.test(value) || /^ *[-+]?\d+,\d+ *$/.test(value)).length
  // What cannot be read speaks against a delimiter.
  return { delimiter, fields, share: same / (records.length + faults.length), clean: clean / values.length }
}

const twentieths = (share: number): number => Math.round(share * 20)

/** The usual delimiters that split the head into records like its first, the best first. */
export function splits(head: Buffer, whole: boolean, quote: string, ends: LineEnd): Split[] {
  return candidates
    .map((delimiter) => splitBy(delimiter, head, whole, quote, ends))
    .filter(({ fields, share }) => fields > 1 && share >= 0.5)
    .sort(
      (left, right) =>
        twentieths(right.share) - twentieths(left.share) ||
        twentieths(right.clean) - twentieths(left.clean) ||
        right.fields - left.fields,
    )
}

/** Whether lines are fields aligned with blanks: as many in every line, with runs of blanks, and numbers among them. */
function isAligned(text: string): boolean {
  const lines = text
    .split(/\r?\n|\r/)
    .slice(0, 500)
    .filter((line) => line.trim() !== '')
  const counts = new Set(lines.map((line) => line.trim().split(/[ \t]+/).length))
  const [fields = 0] = counts
  const runs = lines.filter((line) => /^ |\S {2,}\S/.test(line)).length
  return counts.size === 1 && fields > 1 && runs > lines.length / 2 && /\d/.test(lines.at(-1) ?? '')
}

export interface DetectedDialect {
  readonly dialect: Dialect
  /** Whether runs of blanks separate fields: they are made into tabs before anything else is read. */
  readonly whitespace: boolean
  /** A delimiter that would split what the given one leaves whole. */
  readonly better?: Split
}

/** The dialect of a head as the settings say, and as it looks where they are silent. */
export function detectDialect(all: Buffer, allWhole: boolean, settings: Settings): DetectedDialect {
  const ends = lineEndOf(all)
  const cut = all.lastIndexOf(ends.newline, dialectBytes)
  const whole = allWhole && all.length <= dialectBytes
  const head = whole || cut < 0 ? all : all.subarray(0, cut + 1)
  const text = head.toString('latin1')
  if (settings.fixedWidth)
    return { dialect: { delimiter: '', quote: '', escape: 'doubled', ...ends }, whitespace: false }
  const delimiterSetting =
    settings.delimiter === undefined ? undefined : (named[settings.delimiter] ?? settings.delimiter)
  const quote = settings.quote ?? detectQuote(text)
  const ranked = splits(head, whole, quote, ends)
  if (delimiterSetting === 'whitespace' || (delimiterSetting === undefined && ranked.length === 0 && isAligned(text)))
    return { dialect: { delimiter: '\t', quote: '', escape: 'doubled', newline: 10, pairs: false }, whitespace: true }
  const delimiter = delimiterSetting ?? ranked[0]?.delimiter ?? ','
  const marks = { delimiter, quote, ...ends }
  const dialect: Dialect = { ...marks, escape: settings.escape ?? detectEscape(head, whole, marks) }
  const splitsNothing = commonFields(sampleOf(head, whole, dialect).records) <= 1
  return { dialect, whitespace: false, better: splitsNothing ? ranked[0] : undefined }
}
