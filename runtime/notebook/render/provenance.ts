import { duration } from '../../html/durations.ts'
import { type Fact, pairTable, settingsTable } from '../../html/facts.ts'
import { clip, type Html, html } from '../../html/html.ts'
import { fixed, moment } from '../../html/numbers.ts'
import { plotlyNote } from '../../html/plotly.ts'
import { scrollTable } from '../../html/tables.ts'
import { hasTag, type Notebook } from '../nbformat/cells.ts'
import { codeBlock } from './code.ts'
import { languageOf, type RunMetadata } from './document.ts'
import { limits } from './limits.ts'

/** What a report is made from: a file and the SHA-256 of its bytes. */
export interface Origin {
  /** As it is named to a reader. */
  readonly file: string
  readonly hash: string
}

const shownNames = 200

const settingOf = (value: unknown): unknown => {
  if (Array.isArray(value) && value.length === 0) return null
  return typeof value === 'string' ? clip(value, 1000) : value
}

/** Parameters as the notebook declares them one after another; those it does not declare come last. */
const inOrder = (entries: readonly [string, unknown][], source: string): [string, unknown][] => {
  const declared = [...source.matchAll(/^\s*(?:(?:const|let|var)\s+)?([\p{L}_$][\p{L}\p{N}_$]*)\s*[:=]/gmu)].map(
    ([, name]) => name,
  )
  const rank = ([name]: readonly [string, unknown]): number => {
    const index = declared.indexOf(name)
    return index < 0 ? declared.length : index
  }
  return entries.toSorted((one, other) => rank(one) - rank(other))
}

/** The values the notebook ran with; where nobody recorded them, the cells that set them. Nothing without parameters. */
export const parametersSection = (notebook: Notebook, { parameters }: RunMetadata): Html | false => {
  const cells = notebook.cells.filter((cell) => hasTag(cell, 'parameters') || hasTag(cell, 'injected-parameters'))
  const source = cells.map((cell) => cell.source.slice(0, limits.text)).join('\n\n')
  const recorded = inOrder(Object.entries(parameters), source).slice(0, shownNames)
  if (cells.length === 0 && recorded.length === 0) return false
  const values = Object.fromEntries(recorded.map(([name, value]) => [clip(name, 120), settingOf(value)]))
  return html`<section class="part" id="parameters">
<h2>Parameters</h2>
<div class="panel">${recorded.length > 0 ? settingsTable(values) : codeBlock(source, languageOf(notebook))}</div>
</section>`
}

/** A path outside the workspace without the folders of the machine: whoever reads the report has no use for them. */
const shortPath = (path: string): string =>
  /^(?:[\\/]|[a-z]:|\.\.[\\/])/i.test(path) ? path.split(/[\\/]/).slice(-2).join('/') : path

const code = (text: string, length = 120): Html => html`<code class="path">${clip(text, length)}</code>`

const tablesRead = ({ tables }: RunMetadata): Html | false => {
  const counted = tables.some(({ rows }) => rows !== undefined)
  const columns = [
    { name: 'Table' },
    ...(counted ? [{ name: 'Rows', number: true }] : []),
    { name: 'Content (SHA-256)' },
  ]
  const rows = tables
    .slice(0, shownNames)
    .map(
      ({ name, rows: count, hash }) =>
        html`<tr><td><bdi>${clip(name, 120)}</bdi></td>${counted && html`<td class="number">${count === undefined ? '–' : fixed(count)}</td>`}<td class="long">${code(hash)}</td></tr>\n`,
    )
  return tables.length > 0 && html`<h3>Tables read</h3>${scrollTable('Tables read', columns, rows, 'whole')}`
}

const modelsUsed = ({ models }: RunMetadata): Html | false =>
  models.length > 0 &&
  html`<h3>Models</h3>
${scrollTable(
  'Models',
  [{ name: 'Model' }, { name: 'Content (SHA-256)' }],
  models
    .slice(0, shownNames)
    .map(
      ({ reference, hash }) =>
        html`<tr><td><bdi>${clip(reference, 120)}</bdi></td><td class="long">${hash ? code(hash) : '–'}</td></tr>\n`,
    ),
  'whole',
)}`

/** For who must check: which notebook, when, how long, on what data and models, with which versions. */
export const provenanceSection = (facts: RunMetadata, origin: Origin, withFigures: boolean): Html => {
  const pairs: Fact[] = [
    ['Notebook', clip(shortPath(facts.source?.path ?? origin.file), 300)],
    ['Its hash before the run', facts.source && code(facts.source.hash)],
    ['Executed notebook', facts.source && clip(origin.file, 300)],
    ['Its hash (SHA-256)', code(origin.hash)],
    ['Run', facts.started && moment(facts.started)],
    ['Took', facts.milliseconds !== undefined && duration(facts.milliseconds)],
    ['Kernel', facts.kernel && clip(facts.kernel, 120)],
    ...Object.entries(facts.versions)
      .slice(0, shownNames)
      .map(([name, version]): Fact => [clip(name, 80), clip(version, 120)]),
    ['plotly.js', withFigures && plotlyNote()],
  ]
  return html`<section class="part" id="provenance">
<h2>Where this comes from</h2>
<div class="panel">${pairTable(
    pairs.filter(([, value]) => value !== ''),
    'path',
  )}
${tablesRead(facts)}
${modelsUsed(facts)}
</div>
</section>`
}
