import { duration } from './durations.ts'
import { clip, type Html, html } from './html.ts'
import { bytes } from './numbers.ts'
import { rowCount, rowsCell, type StepRows } from './step-rows.ts'
import { type Column, scrollTable } from './tables.ts'

// How far runs and their steps are, for reports, console and terminal alike. The words carry the meaning, the colour
// only helps.

export interface State {
  readonly word: string
  readonly look: 'done' | 'cached' | 'failed' | 'stopped' | 'idle'
}

export const badge = ({ word, look }: State): Html => html`<span class="badge ${look}">${word}</span>`

/** How far a step has come, as its record says. */
export interface StepProgress {
  readonly status: 'waiting' | 'running' | 'done' | 'failed' | 'stopped' | 'skipped'
  /** True when its result was taken from an earlier run. */
  readonly cached: boolean
}

/** `done`, `cached`, `failed`, `stopped`, `not run` or `running`; of a run that is under way `waiting` as well. */
export const stepState = ({ status, cached }: StepProgress, isUnderWay = false): State => {
  if (status === 'done') return cached ? { word: 'cached', look: 'cached' } : { word: 'done', look: 'done' }
  if (status === 'failed' || status === 'stopped') return { word: status, look: status }
  if (status === 'running') return { word: 'running', look: isUnderWay ? 'cached' : 'idle' }
  return { word: isUnderWay ? 'waiting' : 'not run', look: 'idle' }
}

/** States of a run from its request to its end. */
export const runStates = {
  running: { word: 'Running', look: 'cached' },
  queued: { word: 'Queued', look: 'idle' },
  waiting: { word: 'Waiting for its turn', look: 'idle' },
  done: { word: 'Complete', look: 'done' },
  failed: { word: 'Failed', look: 'failed' },
  stopped: { word: 'Stopped by a rule', look: 'stopped' },
  cancelled: { word: 'Cancelled', look: 'idle' },
} as const satisfies Record<string, State>

/** A step in a table of steps. */
export interface StepLine {
  readonly title: string
  readonly uses: string
  readonly state: State
  readonly rows: StepRows
  readonly milliseconds: number | undefined
  /** Where more is told of it. */
  readonly href: string | undefined
}

interface StepColumn {
  readonly heading: Column
  /** `longest` is the longest time of all steps. */
  readonly cell: (step: StepLine, longest: number) => Html
}

const barLength = 90

/** A bar of the step's part of the longest step's time, for the eye only: the number stands beside it. */
const timeBar = (milliseconds: number, longest: number): Html => {
  const length = longest > 0 ? Math.max(1, Math.round((barLength * milliseconds) / longest)) : 1
  return html`<svg class="bar" width="${barLength}" height="8" viewBox="0 0 ${barLength} 8" aria-hidden="true"><rect width="${length}" height="8" rx="2"/></svg>`
}

const titleOf = ({ title, href }: StepLine): Html =>
  href === undefined ? html`<bdi>${title}</bdi>` : html`<a href="${href}"><bdi>${title}</bdi></a>`

const stepColumns = {
  step: { heading: { name: 'Step' }, cell: (step) => html`<td>${titleOf(step)}</td>` },
  longStep: { heading: { name: 'Step' }, cell: (step) => html`<td class="long">${titleOf(step)}</td>` },
  node: { heading: { name: 'Node' }, cell: ({ uses }) => html`<td><code>${clip(uses, 60)}</code></td>` },
  state: { heading: { name: 'State' }, cell: ({ state }) => html`<td>${badge(state)}</td>` },
  rows: {
    heading: { name: 'Rows', number: true },
    cell: ({ rows }) => html`<td class="number">${rowsCell(rows)}</td>`,
  },
  time: {
    heading: { name: 'Time', number: true },
    cell: ({ milliseconds }) =>
      html`<td class="number">${milliseconds === undefined ? '–' : duration(milliseconds)}</td>`,
  },
  bar: {
    heading: { name: html`<span class="said">Time as a bar</span>` },
    cell: ({ milliseconds = 0 }, longest) => html`<td>${timeBar(milliseconds, longest)}</td>`,
  },
} satisfies Record<string, StepColumn>

/** The steps of a run. Rows have ids, `step-1` and on, where `ids` says so: a picture of the flow leads to them. */
export const stepTable = (
  label: string,
  steps: readonly StepLine[],
  columns: readonly (keyof typeof stepColumns)[],
  ids = false,
): Html => {
  const longest = Math.max(0, ...steps.map(({ milliseconds = 0 }) => milliseconds))
  const chosen: readonly StepColumn[] = columns.map((name) => stepColumns[name])
  const rows = steps.map(
    (step, index) =>
      html`<tr${ids && html` id="step-${index + 1}"`}>${chosen.map(({ cell }) => cell(step, longest))}</tr>\n`,
  )
  return scrollTable(
    label,
    chosen.map(({ heading }) => heading),
    rows,
    'whole',
  )
}

interface Output {
  readonly rows: number
  readonly bytes: number
  readonly columns: readonly { readonly name: string; readonly type: string }[]
}

/** `3 rows, 4 columns, 1.2 kB`. */
export const outputSize = (output: Output): string =>
  `${rowCount(output.rows)}, ${output.columns.length} columns, ${bytes(output.bytes)}`

export const columnList = ({ columns }: Output): Html =>
  html`<ul class="columns">${columns.map(({ name, type }) => html`<li><bdi>${name}</bdi> <span class="quiet">${type}</span></li>\n`)}</ul>`
