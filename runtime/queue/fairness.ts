import type { Queries } from './database/database.ts'
import type { RunRow } from './run-row.ts'

const levels = 100_000_000

interface Turn {
  readonly turn: number
  /** As pg-boss orders: the highest first, so the priority and in it the earliest turn. */
  readonly level: number
}

/**
 * The turns of runs that are queued now, in their order, so that each client with queued runs has one of them done in
 * every round, however many others it has: start-time fair queueing with equal weights (Goyal, Vin and Cheng 1996,
 * equation 1). A client's turn comes one round after its last queued run, and never before the round that is served.
 */
export async function takeTurns(queries: Queries, runs: readonly RunRow[]): Promise<Turn[]> {
  const next = new Map<string, number>()
  const turns: Turn[] = []
  for (const { client, priority } of runs) {
    const line = `${client} ${priority}`
    const turn = next.get(line) ?? (await firstTurn(queries, client, priority))
    next.set(line, turn + 1)
    turns.push({ turn, level: priority * levels - (turn % levels) })
  }
  return turns
}

async function firstTurn(queries: Queries, client: string, priority: number): Promise<number> {
  const [row] = await queries.query<{ turn: string | number }>(
    `select greatest(
      coalesce((select max(turn) + 1 from polku.run where state = 'queued' and priority = $2 and client = $1), 0),
      coalesce((select min(turn) from polku.run where state = 'queued' and priority = $2), 0)) as turn`,
    [client, priority],
  )
  return Number(row?.turn ?? 0)
}
