import type { Queries, ServiceDatabase } from '../database/database.ts'
import { toJson } from '../database/database.ts'

/** Where a client says nothing, a scheduled run is late after so many minutes. */
export const lateAfter = 60
/** How long a time that nobody dealt with has to be seen before it counts, in ms: after a start, times are still being dealt with. */
const confirmedAfter = 60_000

interface Late {
  readonly client: string
  readonly flow: string
  /** The time of the schedule that it should have been done for, in ms since 1970. */
  readonly due: number
  readonly run: string | null
}

/** Finds which scheduled runs are late: neither done nor failed so many minutes after their time. */
export class LateRuns {
  readonly #database: ServiceDatabase
  /** When a time that nobody dealt with was first seen, by client, flow and time. */
  #firstSeen: ReadonlyMap<string, number> = new Map()

  constructor(database: ServiceDatabase) {
    this.#database = database
  }

  /** Opens an incident for each flow that is late at `now`, and closes those of flows that no longer are. */
  async look(minutes: ReadonlyMap<string, number>, now: number): Promise<void> {
    const isLate = ({ client, due }: Late) => {
      const allowed = minutes.get(client)
      return allowed !== undefined && due + allowed * 60_000 <= now
    }
    const unfinished = (await this.#unfinished()).filter(isLate)
    const undealt = (await this.#undealt()).filter(isLate)
    const keyOf = ({ client, flow, due }: Late) => `${client} ${flow} ${due}`
    this.#firstSeen = new Map(undealt.map((late) => [keyOf(late), this.#firstSeen.get(keyOf(late)) ?? now]))
    const sure = undealt.filter((late) => now - (this.#firstSeen.get(keyOf(late)) ?? now) >= confirmedAfter)
    const open = await openLate(this.#database)
    const isOpen = ({ client, flow }: Late) => open.some((one) => one.client === client && one.subject === flow)
    const begun = [...unfinished, ...sure].filter((late) => !isOpen(late))
    if (begun.length > 0) await begin(this.#database, begun, now)
    // Nothing can be said of a client whose workspace is away.
    const still = new Set([...unfinished, ...undealt].map(({ client, flow }) => `${client} ${flow}`))
    const over = open.filter(({ client, subject }) => minutes.has(client) && !still.has(`${client} ${subject}`))
    for (const { number } of over)
      await this.#database.query(
        'update polku.incident set recovered_at = $2 where number = $1 and recovered_at is null',
        [number, new Date(now)],
      )
  }

  /** Runs of schedules that have not ended; when they were due stands in their key. */
  async #unfinished(): Promise<Late[]> {
    const rows = await this.#database.query<{ client: string; flow: string; id: string; key: string }>(
      `select client, flow, id, idempotency_key as key from polku.run
      where state in ('waiting', 'queued', 'running') and idempotency_key like 'schedule:%'`,
    )
    return rows.flatMap(({ client, flow, id, key }) => {
      const due = Date.parse(key.slice(`schedule:${flow}:`.length))
      return Number.isNaN(due) ? [] : [{ client, flow, due, run: id }]
    })
  }

  /** Times of schedules that passed and for which no run was requested; a flow that is paused is not late. */
  async #undealt(): Promise<Late[]> {
    const rows = await this.#database.query<{ client: string; flow: string; next_at: Date }>(
      `select client, flow, next_at from polku.flow
      where next_at is not null and schedule is not null and version is not null and not exists (
        select 1 from polku.pause where pause.client = flow.client and pause.flow in ('', flow.flow))`,
    )
    return rows.map(({ client, flow, next_at: next }) => ({ client, flow, due: next.getTime(), run: null }))
  }
}

const openLate = (queries: Queries) =>
  queries.query<{ number: string | number; client: string; subject: string }>(
    `select number, client, subject from polku.incident where kind = 'run late' and recovered_at is null`,
  )

async function begin(queries: Queries, late: readonly Late[], now: number): Promise<void> {
  for (const { client, flow, due, run } of late)
    await queries.query(
      `insert into polku.incident (client, kind, subject, run, detail, since)
      values ($1, 'run late', $2, $3, $4::jsonb, $5)
      on conflict (client, kind, subject) where recovered_at is null do nothing`,
      [client, flow, run, toJson({ due: new Date(due).toISOString() }), new Date(now)],
    )
}
