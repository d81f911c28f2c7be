import type { Column } from '../../../nodes/lib/table.ts'

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
