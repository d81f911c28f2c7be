import type { Column } from '../../../nodes/lib/table.ts'

// In a file of its own: what a cell publishes is typed by it, and the engine's types would bring DuckDB's to each check.

/** A table that is stored: a Parquet file, and the view that reads it. */
export interface StoredTable {
  readonly relation: string
  readonly columns: readonly Column[]
  readonly rows: number
  /** Of its content. */
  readonly hash: string
  /** Absolute. */
  readonly path: string
}
