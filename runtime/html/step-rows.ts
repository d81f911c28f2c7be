import { type Html, html } from './html.ts'
import { counted, fixed } from './numbers.ts'

// What "the rows of a step" means, for the command line, reports, pages, API, progress and usage alike.

interface OutputRows {
  readonly name: string
  readonly rows: number
}

export interface StepRows {
  /** Those of its first output; undefined where it has none, and where that is no table of rows but a stored model. */
  readonly rows?: number
  /** Those of its other outputs, by name. */
  readonly others?: Readonly<Record<string, number>>
}

/** A step that trains names the model it stored in one row of an output `model`. */
const isModel = ({ name, rows }: OutputRows): boolean => name === 'model' && rows === 1

export function stepRows(outputs: readonly OutputRows[]): StepRows {
  const [first] = outputs
  if (first === undefined) return {}
  const isTable = !isModel(first)
  const others = Object.fromEntries(outputs.slice(isTable ? 1 : 0).map(({ name, rows }) => [name, rows]))
  return { ...(isTable && { rows: first.rows }), ...(Object.keys(others).length > 0 && { others }) }
}

/** `20 412 rows`, `1 row`. */
export const rowCount = (rows: number): string => counted(rows, 'row', 'rows')

// Nobody needs to read that nothing was rejected.
const othersText = ({ others = {} }: StepRows): string =>
  Object.entries(others)
    .filter(([, rows]) => rows > 0)
    .map(([name, rows]) => `${fixed(rows)}\u00a0${name}`)
    .join(', ')

/** `3 rows, 2 rejected`; `1 model, 800 predictions`; empty of a step without outputs. */
export const rowsText = (step: StepRows): string =>
  [step.rows === undefined ? '' : rowCount(step.rows), othersText(step)].filter(Boolean).join(', ')

/** The same as a cell of a column of numbers. */
export const rowsCell = (step: StepRows): Html => {
  const others = othersText(step)
  return html`${step.rows === undefined ? '–' : fixed(step.rows)}${others && html`<br><small class="quiet"><bdi>${others}</bdi></small>`}`
}
