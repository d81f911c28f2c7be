// Tables as nodes and notebooks see them. Types only: who needs no more loads no schema library's types.

export interface Column {
  readonly name: string
  /** The DuckDB type, as `DESCRIBE` names it: `VARCHAR`, `DECIMAL(18,2)`. */
  readonly type: string
}

/** A relation that SQL may read. Interpolated into `sql` it becomes its quoted name. */
export interface Table {
  readonly relation: string
  readonly columns: readonly Column[]
}

export type SqlValue = string | number | bigint | boolean | null

/** SQL text in pieces with the bound values between them; made by `sql` of `nodes/lib/sql.ts`. */
export interface Sql {
  readonly strings: readonly string[]
  readonly values: readonly SqlValue[]
}

export type Row = Record<string, string | number | boolean | null>

/** Columns in bulk: numbers (NULL is NaN; dates are days since 1970; booleans 0/1) or texts (NULL is null). */
export type ColumnData = Float64Array | (string | null)[]

/** Equally long columns to write. */
export type BulkColumns = Record<string, Float64Array | Int32Array | readonly (string | null)[]>
