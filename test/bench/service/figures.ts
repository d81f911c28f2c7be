import { seconds, verdict } from '../figures.ts'
import type { Loaded, LoadSettings } from './load.ts'

export interface BenchSettings extends LoadSettings {
  readonly repeat: number
  readonly pastRuns: number
}

/** What was measured on one database: medians in milliseconds, of reads the 99th percentile. */
export interface ServiceFigures {
  readonly name: string
  readonly ready: number
  readonly forty: number
  readonly firstStep: number
  readonly each: number
  readonly reads: Readonly<Record<string, number>>
  readonly loaded: Loaded
}

/** What others publish of 40 light steps in sequence on one worker, in seconds. */
const published = 'Hatchet 1.2, Windmill 2.1–4.4, Temporal 3.0, Prefect 4.9, Kestra 6–9, Airflow 116'

interface Line {
  readonly what: string
  readonly of: (figures: ServiceFigures) => number
  readonly show: (value: number) => string
  readonly aim?: number
  readonly others?: string
}

const inSeconds = (value: number) => `${seconds(value)} s`
const inMilliseconds = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} ms`
const inTimes = (value: number) => `${value.toFixed(2)} x`
const inMegabytes = (value: number) => `${Math.round(value / 2 ** 20)} MB`

const lines = ({ perMinute }: LoadSettings, reads: readonly string[]): Line[] => [
  { what: 'ready at a second start', of: ({ ready }) => ready, show: inSeconds, aim: 5000 },
  { what: '40 light steps, request to done', of: ({ forty }) => forty, show: inSeconds, aim: 500, others: published },
  { what: 'first step started', of: ({ firstStep }) => firstStep, show: inMilliseconds, aim: 40 },
  { what: 'for_each over 100', of: ({ each }) => each, show: inSeconds, aim: 1000, others: 'Kestra about 8' },
  {
    what: `${perMinute} two-step runs a minute: median`,
    of: ({ loaded }) => loaded.median,
    show: inSeconds,
    aim: 300,
    others: 'Kestra’s open edition 14',
  },
  { what: '  99th percentile', of: ({ loaded }) => loaded.p99, show: inSeconds },
  { what: '  CPU of a run', of: ({ loaded }) => loaded.cpu, show: inMilliseconds },
  { what: '  memory after a third of it', of: ({ loaded }) => loaded.bytes[0], show: inMegabytes },
  { what: '  memory at its end', of: ({ loaded }) => loaded.bytes[1], show: inMegabytes },
  // Heaps that are not full yet grow to their size: more than that would be memory that nothing gives back.
  { what: '  of that after a third', of: ({ loaded }) => loaded.bytes[1] / loaded.bytes[0], show: inTimes, aim: 1.2 },
  ...reads.map((read) => ({
    what: `read ${read}, p99`,
    of: (figures: ServiceFigures) => figures.reads[read] ?? 0,
    show: inMilliseconds,
    aim: 20,
  })),
]

/** Prints one table: what was measured on each database, what was aimed at, and what others publish. */
export function printFigures(all: readonly ServiceFigures[], settings: BenchSettings): void {
  const reads = Object.keys(all[0]?.reads ?? {})
  const rows = lines(settings, reads).map(({ what, of, show, aim, others = '' }) => [
    what,
    ...all.map((figures) => {
      const value = of(figures)
      return aim === undefined ? show(value) : `${show(value)} ${verdict(value <= aim)}`
    }),
    aim === undefined ? '' : `< ${show(aim)}`,
    others,
  ])
  const table = [['', ...all.map(({ name }) => name), 'aim', 'published, s'], ...rows]
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => (row[column] ?? '').length)))
  console.log(`\nMedians of ${settings.repeat} over HTTP, with ${settings.pastRuns} past runs.`)
  for (const row of table)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
}
