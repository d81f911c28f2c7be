import type { Queries } from './database/database.ts'
import type { RunRow } from './run-row.ts'

const levels = 100_000_000

/**
 * The turn of a client's next run, so that each client with queued runs has one of them done in every round, however
 * many others it has: start-time fair queueing with equal weights (Goyal, Vin and Cheng 1996, equation 1). A client's
 * turn comes one round after its last queued run, and never before the round that is being served. pg-boss serves the
 * highest priority first: the level, then the earliest turn.
 */
export async function takeTurn(queries: Queries, run: RunRow): Promise<{ turn: number; priority: number }> {
  const [row] = await queries.query<{ turn: string | number }>(
    `select greatest(
      coalesce((select max(turn) + 1 from polku.run where state = 'queued' and priority = $2 and client = $1), 0),
      coalesce((select min(turn) from polku.run where state = 'queued' and priority = $2), 0)) as turn`,
    [run.client, run.priority],
  )
  const turn = Number(row?.turn ?? 0)
  return { turn, priority: run.priority * levels - (turn % levels) }
}
