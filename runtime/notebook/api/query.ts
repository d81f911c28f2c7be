import { id, join, sql } from '../../../nodes/lib/sql.ts'
import type { Sql, SqlValue } from '../../../nodes/node.ts'
import { PolkuError } from '../../errors/errors.ts'
import { tableOf } from './result.ts'
import { describeValue } from './settings.ts'

/**
 * A query with safe holes: tables and results become their names, values are bound, a list becomes `1, 2, 3`.
 * Throws SQL_INVALID for anything else.
 */
export const notebookQuery = (strings: TemplateStringsArray, pieces: readonly unknown[]): Sql =>
  sql(strings, ...pieces.map(pieceOf))

/** The same query, in which `this` is the table called `relation`. */
export function withThis({ strings, values }: Sql, relation: string): Sql {
  const [first = '', ...rest] = strings
  const common = `this as (from ${id(relation).strings[0]})`
  const leading = /^(?:\s|--.*\n)*with\s+(recursive\s+)?/i.exec(first)
  const start = leading
    ? `with ${leading[1] ?? ''}${common}, ${first.slice(leading[0].length)}`
    : `with ${common} ${first}`
  return { strings: [start, ...rest], values }
}

function pieceOf(piece: unknown, index: number): Sql | SqlValue {
  if (Array.isArray(piece)) {
    const items = piece.map((item) => pieceOf(item, index))
    return items.length === 0 ? sql`null` : join(items.map((item) => (isSql(item) ? item : sql`${item}`)))
  }
  if (piece instanceof Date && !Number.isNaN(piece.getTime())) return sql`cast(${piece.toISOString()} as timestamp)`
  // DuckDB takes a number without decimals for an integer, which this one is too large for.
  if (typeof piece === 'number' && Number.isInteger(piece) && !Number.isSafeInteger(piece))
    return sql`cast(${String(piece)} as double)`
  if (isSql(piece) || isValue(piece)) return piece
  const table = tableOf(piece)
  if (table) return id(table.relation)
  throw new PolkuError('SQL_INVALID', {
    reason: `its hole ${index + 1} holds ${describeValue(piece)}.`,
    actual: describeValue(piece),
    right:
      'A table, a result, a text, a number, true, false, null, a date or a list of these; wait for it with `await`.',
  })
}

const isValue = (piece: unknown): piece is SqlValue =>
  piece === null || ['string', 'number', 'bigint', 'boolean'].includes(typeof piece)

const isSql = (piece: unknown): piece is Sql =>
  typeof piece === 'object' && piece !== null && 'strings' in piece && 'values' in piece
