import { basename } from 'node:path'
import { sql } from '../../lib/sql.ts'
import type { RunContext, Table } from '../../node.ts'
import { readTail } from './bytes.ts'
import { type Scan, scanRecords } from './clean.ts'
import type { Encoding } from './encoding.ts'
import type { Layout } from './layout.ts'
import { needsRewriting, rewrite, weighFile } from './plain.ts'
import { cleanRows, fittingRows, misfits, rawRows, refused, rejectedNothing, strictRows } from './query.ts'
import type { Fail, Settings } from './settings.ts'
import { countBytes, type Totals } from './totals.ts'

type Counted = Table & { readonly rows: number }

export interface Outcome {
  readonly rows: Counted
  readonly rejected: Counted
  /** Records of the file, counted without DuckDB. */
  readonly records: number
  readonly blankLines: number
  readonly encoding: Encoding
}

interface Reading {
  readonly path: string
  readonly layout: Layout
  readonly settings: Settings
  readonly context: RunContext
  readonly fail: Fail
}

/** Fails with `miscounted` unless every record is a row or rejected. */
export function requireAll(
  { records, rows, rejected }: { records: number; rows: number; rejected: number },
  file: string,
  fail: Fail,
): void {
  if (rows + rejected !== records) fail('miscounted', { file, records, rows, rejected })
}

/**
 * Reads all records of a file: rows in the file's order, and what is none with its line and the reason.
 * A sound file is read by DuckDB at once, while its bytes are counted beside; only where the two do not
 * agree, or DuckDB refuses, the records are looked at one by one.
 */
export async function readRecords(reading: Reading): Promise<Outcome> {
  const { path, layout, context, fail } = reading
  if (!needsRewriting(layout)) return readPlain(reading, layout.encoding)
  const plain = context.files.temporary('.csv')
  await rewrite({ ...layout, path }, layout.whitespace, plain, fail, context.signal)
  return readPlain({ ...reading, path: plain }, layout.encoding)
}

async function readPlain(reading: Reading, encoding: Encoding | undefined): Promise<Outcome> {
  const { path, layout, context } = reading
  const [direct, totals] = await Promise.allSettled([
    readDirectly(reading),
    countBytes(path, layout.dialect.delimiter, context.signal),
  ])
  if (totals.status === 'rejected') throw totals.reason
  if (direct.status === 'rejected') throw direct.reason
  if (encoding === undefined || encoding === 'utf-8') {
    const recoded = totals.value.isUtf8 ? undefined : await recode(reading, encoding)
    if (recoded) return readPlain({ ...reading, path: recoded }, 'windows-1252')
  }
  const readAs = encoding ?? 'utf-8'
  return (
    (direct.value && (await agreed(reading, direct.value, totals.value, readAs))) ??
    (await readCarefully(reading, readAs))
  )
}

/** The rows as DuckDB reads them where all is right; undefined where something is not. */
async function readDirectly({ path, layout, settings, context }: Reading): Promise<Counted | undefined> {
  if (!layout.simpleAbove) return undefined
  try {
    return await context.storeFile(strictRows(rawRows(path, layout), layout, settings.trim))
  } catch (error) {
    if (error instanceof Error && /^(Invalid Input|Conversion|Out of Range) Error/.test(error.message)) return undefined
    throw error
  }
}

/** A file that turns out to be no UTF-8, as UTF-8; undefined where only some of its records are not. */
async function recode({ path, layout, settings, context, fail }: Reading, encoding: Encoding | undefined) {
  const evidence = await weighFile(path, fail)
  if (evidence.encoding === 'utf-8') return undefined
  if (settings.encoding === 'utf-8') {
    const evidenceText = `line ${evidence.wrongLine} holds the byte 0x${evidence.wrongByte.toString(16).toUpperCase()}`
    fail('notEncoding', { file: layout.file, encoding: 'utf-8', actual: evidenceText, right: evidence.encoding })
  }
  if (encoding !== undefined) return undefined
  const plain = context.files.temporary('.csv')
  const from = { path, compression: 'none', encoding: evidence.encoding } as const
  await rewrite(from, false, plain, fail, context.signal)
  return plain
}

/** Lines from the first row to the last that is not empty. */
async function lineCount(path: string, { bytes, lineFeeds, carriageReturns }: Totals, { firstLine }: Layout) {
  const tail = (await readTail(path, 1 << 16)).toString('latin1')
  const ends = /[\r\n]*$/.exec(tail)?.[0] ?? ''
  const atEnd = lineFeeds > 0 ? ends.split('\n').length - 1 : ends.length
  const lines = (lineFeeds > 0 ? lineFeeds : carriageReturns) - atEnd + (bytes > ends.length ? 1 : 0)
  return Math.max(0, lines - (firstLine - 1))
}

/** Accepts what DuckDB read where the bytes say the same, or else every record does; undefined where neither holds. */
async function agreed(
  { path, layout, context, fail }: Reading,
  rows: Counted,
  totals: Totals,
  encoding: Encoding,
): Promise<Outcome | undefined> {
  const { delimiters, hasNul, isUtf8 } = totals
  if (hasNul || !isUtf8) return undefined
  const rejected = { ...(await context.store(rejectedNothing)), rows: 0 }
  const records = await lineCount(path, totals, layout)
  const inRecords = delimiters - layout.delimitersAbove
  // As many lines as records, and as many delimiters as these must have: then no value holds either.
  if (rows.rows === records && inRecords === records * (layout.fields - 1))
    return { rows, rejected, records, blankLines: 0, encoding }
  const scan = await scanRecords(path, layout, fail, context.signal)
  if (scan.refused > 0 || scan.records !== rows.rows) return undefined
  return { rows, rejected, records: scan.records, blankLines: scan.blankLines, encoding }
}

/** Reads record by record what DuckDB does not read at once, and sets apart what cannot be a row. */
async function readCarefully(reading: Reading, encoding: Encoding): Promise<Outcome> {
  const { path, layout, settings, context, fail } = reading
  const to = { clean: context.files.temporary('.clean.csv'), refused: context.files.temporary('.refused.csv') }
  const scan = await scanRecords(path, layout, fail, context.signal, to)
  const clean = cleanRows(to.clean, layout.fields)
  const rows = await context.storeFile(fittingRows(clean, layout, settings.trim))
  const misfit = scan.records - scan.refused - rows.rows
  const sources =
    misfit === 0 ? refused(to.refused) : sql`${refused(to.refused)} union all ${misfits(clean, layout, settings.trim)}`
  const rejected = await context.storeFile(sql`select line, reason, text from (${sources}) order by line`)
  requireAll({ records: scan.records, rows: rows.rows, rejected: rejected.rows }, layout.file, fail)
  if (rows.rows === 0 && scan.records > 0) await refuseAll(reading, scan, rejected)
  return { rows, rejected, records: scan.records, blankLines: scan.blankLines, encoding }
}

async function refuseAll(
  { path, layout, context, fail }: Reading,
  { records }: Scan,
  rejected: Counted,
): Promise<never> {
  const [first] = await context.rows(sql`select line, reason from ${rejected} order by line limit 1`)
  const reason = String(first?.reason)
  const right = /^has \d+ field/.test(reason)
    ? 'Look at delimiter, quote, header and skip.'
    : 'Look at types, decimal, dateFormat and nulls.'
  const file = layout.file || basename(path)
  return fail('nothingParsed', { file, records, line: Number(first?.line), actual: reason, right })
}
