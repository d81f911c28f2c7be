import type { Queries } from '../../../service/database/database.ts'

/**
 * A position in the order of events: of the transaction that made one, and its number. Numbers alone would not do: of two
 * transactions at once the later number may be there first.
 */
export interface Position {
  readonly transaction: string
  readonly number: string
}

const form = /^([0-9]{1,18})-([0-9]{1,18})$/

/** Undefined where the text is none. */
export function parsePosition(text: string | undefined): Position | undefined {
  const [, transaction, number] = form.exec(text ?? '') ?? []
  return transaction !== undefined && number !== undefined ? { transaction, number } : undefined
}

export const beginning: Position = { transaction: '0', number: '0' }

export const positionText = ({ transaction, number }: Position): string => `${transaction}-${number}`

/** Whose events, and of which run. */
export interface EventFilter {
  /** Undefined for all. */
  readonly clients: readonly string[] | undefined
  readonly run?: string
}

export interface EventRow extends Position {
  readonly at: Date
  readonly client: string
  readonly run: string | null
  readonly event: string
  readonly detail: Readonly<Record<string, unknown>>
}

/** What no transaction that is still open can come before. */
const isComplete = 'event.transaction < pg_snapshot_xmin(pg_current_snapshot())::text::bigint'

/** Where the events end now. */
export async function newestPosition(queries: Queries): Promise<Position> {
  const [newest] = await queries.query<Position>(
    `select transaction::text, number::text from polku.event as event where ${isComplete}
    order by event.transaction desc, event.number desc limit 1`,
  )
  return newest ?? beginning
}

/** The events after a position, at most `limit`, in an order that nothing is ever added into. */
export function eventsAfter(
  queries: Queries,
  { clients, run }: EventFilter,
  { transaction, number }: Position,
  limit: number,
): Promise<EventRow[]> {
  const values: unknown[] = [transaction, number, limit]
  const bind = (value: unknown): string => `$${values.push(value)}`
  const [only, ...others] = clients ?? []
  const conditions = [
    isComplete,
    clients &&
      (only !== undefined && others.length === 0 ? `client = ${bind(only)}` : `client = any(${bind(clients)})`),
    run !== undefined && `run = ${bind(run)}`,
  ]
  return queries.query<EventRow>(
    `select transaction::text, number::text, at, client, run, event, detail from polku.event as event
    where (event.transaction, event.number) > ($1::bigint, $2::bigint) and ${conditions.filter(Boolean).join(' and ')}
    order by event.transaction, event.number limit $3`,
    values,
  )
}
