import { median, seconds, verdict } from '../figures.ts'
import { sqlSteps } from './flows.ts'

/** What a child process tells of one run, and how long it took from its start to its end. */
export interface Measured {
  readonly steps: Readonly<Record<string, number>>
  readonly megabytes: number
  readonly milliseconds: number
}

export interface Figures {
  readonly polku: readonly Measured[]
  readonly again: readonly Measured[]
  readonly floor: readonly Measured[]
  readonly memoryFloor: readonly Measured[]
  readonly pandas: readonly Measured[]
}

const step = (runs: readonly Measured[], name: string): string =>
  runs.some((run) => name in run.steps) ? seconds(median(runs.map((run) => run.steps[name] ?? 0))) : ''
const sum = (runs: readonly Measured[], names: readonly string[]): number =>
  median(runs.map((run) => names.reduce((total, name) => total + (run.steps[name] ?? 0), 0)))
const whole = (runs: readonly Measured[]): number => median(runs.map((run) => run.milliseconds))
const peak = (runs: readonly Measured[]): number => median(runs.map((run) => run.megabytes))

function printTable(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  for (const row of rows)
    console.log(
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
}

/** Prints seconds by step, memory, and the ratios against what the flow aims at. */
export function printFigures({ polku, again, floor, memoryFloor, pandas }: Figures): void {
  const names = Object.keys(polku[0]?.steps ?? {})
  console.log('Seconds, medians; whole: from the start of the process to its end.')
  printTable([
    ['', 'Polku', 'again', 'DuckDB to Parquet', 'DuckDB in memory', 'pandas, sklearn'],
    ...names.map((name) => [name, ...[polku, again, floor, memoryFloor, pandas].map((runs) => step(runs, name))]),
    [
      'SQL parts',
      ...[polku, again, floor, memoryFloor, pandas].map((runs) =>
        runs.length > 0 ? seconds(sum(runs, sqlSteps)) : '',
      ),
    ],
    [
      'whole',
      ...[polku, again, floor, memoryFloor, pandas].map((runs) => (runs.length > 0 ? seconds(whole(runs)) : '')),
    ],
    [
      'peak MB',
      ...[polku, again, floor, memoryFloor, pandas].map((runs) => (runs.length > 0 ? peak(runs).toFixed(0) : '')),
    ],
  ])
  console.log(
    'The floor is the SQL parts only: typed CSV without any check of its rows, features, RFM and score, each one statement.\n',
  )
  const sqlRatio = sum(polku, sqlSteps) / sum(floor, sqlSteps)
  console.log(`SQL parts: ${sqlRatio.toFixed(2)} × the floor; aim 1.30 at most: ${verdict(sqlRatio <= 1.3)}.`)
  const second = whole(again)
  console.log(`A second run with nothing changed: ${seconds(second)} s; aim under 1: ${verdict(second < 1000)}.`)
  if (pandas.length === 0) return
  const faster = whole(pandas) / whole(polku)
  const leaner = peak(polku) / peak(pandas)
  console.log(
    `Whole: ${faster.toFixed(2)} × faster than pandas and scikit-learn; aim 4 at least: ${verdict(faster >= 4)}.`,
  )
  console.log(`Memory: ${leaner.toFixed(2)} of theirs; aim a third: ${verdict(leaner <= 1 / 3)}.`)
}
