import { Counter, Histogram, type Registry } from 'prom-client'
import type { ServiceDatabase } from '../../../service/database/database.ts'
import type { LabelValues } from './state.ts'

interface EventRow {
  readonly number: string | number
  readonly client: string
  readonly event: string
  readonly detail: {
    readonly uses?: string
    readonly cached?: boolean
    readonly milliseconds?: number
    readonly rows?: number
  }
}

/** How many events are read at once. */
const page = 5000
/** Numbers of events are assigned before they are committed: those of the last seconds are left for the next look. */
const settling = `interval '5 seconds'`
const seconds = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200]

/** What has happened since the service started, whichever worker did it: read from the events that they emit. */
export class ProgressMetrics {
  readonly #database: ServiceDatabase
  readonly #clients: LabelValues
  readonly #nodes: LabelValues
  readonly #ended
  readonly #steps
  readonly #seconds
  readonly #rows
  readonly #rowsOfClient
  #after: string | number | undefined
  #looking: Promise<void> = Promise.resolve()

  constructor(database: ServiceDatabase, labels: { clients: LabelValues; nodes: LabelValues }, registry: Registry) {
    this.#database = database
    this.#clients = labels.clients
    this.#nodes = labels.nodes
    const registers = [registry]
    this.#ended = new Counter({
      ...{ name: 'polku_runs_ended_total', help: 'Runs that ended', labelNames: ['client', 'state'], registers },
    })
    this.#steps = new Counter({
      ...{ name: 'polku_steps_total', help: 'Steps that ended; cached: from an earlier run', registers },
      labelNames: ['node', 'outcome', 'cached'],
    })
    this.#seconds = new Histogram({
      ...{ name: 'polku_step_seconds', help: 'What steps took that were done', registers },
      ...{ labelNames: ['node'], buckets: seconds },
    })
    this.#rows = new Counter({
      ...{ name: 'polku_rows_total', help: 'Rows of the first output of steps that were done', registers },
      labelNames: ['node'],
    })
    this.#rowsOfClient = new Counter({
      ...{ name: 'polku_client_rows_total', help: 'The same by client', labelNames: ['client'], registers },
    })
  }

  /** Counts what was emitted since the last look; the first begins with the newest event. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(
      () => this.#look(),
      () => this.#look(),
    )
    return this.#looking
  }

  async #look(): Promise<void> {
    const [newest] = await this.#database.query<{ number: string | number | null }>(
      `select max(number) as number from polku.event where at < clock_timestamp() - ${settling}`,
    )
    const until = newest?.number ?? 0
    this.#after ??= until
    for (let rows = page; rows === page; ) {
      const events: EventRow[] = await this.#database.query<EventRow>(
        `select number, client, event, detail from polku.event where number > $1 and number <= $2
          and event in ('step done', 'step failed', 'step stopped', 'run done', 'run failed', 'run stopped', 'run cancelled')
        order by number limit ${page}`,
        [this.#after, until],
      )
      for (const event of events) this.#count(event)
      rows = events.length
      this.#after = rows === page ? (events.at(-1)?.number ?? until) : until
    }
  }

  #count({ client: name, event, detail: { uses, cached, milliseconds = 0, rows = 0 } }: EventRow): void {
    const client = this.#clients.of(name)
    const [kind, outcome = ''] = event.split(' ')
    if (kind === 'run') {
      this.#ended.inc({ client, state: outcome })
      return
    }
    // Versions of a model are one.
    const node = this.#nodes.of((uses ?? 'unknown').replace(/@.*$/, ''))
    this.#steps.inc({ node, outcome, cached: cached ? 'yes' : 'no' })
    if (cached) return
    this.#seconds.observe({ node }, milliseconds / 1000)
    this.#rows.inc({ node }, rows)
    this.#rowsOfClient.inc({ client }, rows)
  }
}
