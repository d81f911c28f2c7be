import { type Html, html } from '../../html/html.ts'
import { fixed } from '../../html/numbers.ts'
import { limits } from '../render/limits.ts'
import type { Changes } from './changes.ts'
import { type DiffLine, diffLines } from './lines.ts'

const around = 3
const shownLines = 400

/** The changed lines with a few unchanged ones around them; longer stretches are left out with a mark. */
const nearChanges = (lines: readonly DiffLine[]): (DiffLine | undefined)[] => {
  const near = lines.map((_, index) =>
    lines.slice(Math.max(0, index - around), index + around + 1).some(({ kind }) => kind !== 'same'),
  )
  return lines.flatMap((line, index) => {
    if (near[index]) return [line]
    return near[index - 1] || index === 0 ? [undefined] : []
  })
}

const tags = { same: 'span', removed: 'del', added: 'ins' } as const
const signs = { same: ' ', removed: '−', added: '+' } as const

const lineMarkup = (line: DiffLine | undefined): Html => {
  if (line === undefined) return html`<span class="quiet">⋯</span>\n`
  const text = `${signs[line.kind]} ${line.text}`
  if (tags[line.kind] === 'del') return html`<del>${text}</del>\n`
  return tags[line.kind] === 'ins' ? html`<ins>${text}</ins>\n` : html`<span>${text}</span>\n`
}

const heading = ({ a, b }: Changes['cells'][number]): string => {
  const kind = (a ?? b)?.cell.cell_type === 'markdown' ? 'Text' : 'Code'
  if (a === undefined) return `${kind}, cell ${b?.number} only in B`
  if (b === undefined) return `${kind}, cell ${a.number} only in A`
  return a.number === b.number ? `${kind}, cell ${a.number}` : `${kind}, cell ${a.number} in A, ${b.number} in B`
}

/** The cells an author changed, line by line. */
export const changedCells = (cells: Changes['cells']): Html[] =>
  cells.slice(0, limits.outputsOfACell).map((pair) => {
    const [before, after] = [pair.a, pair.b].map((side) => side?.cell.source.slice(0, limits.code))
    const lines = nearChanges(
      before === undefined || after === undefined
        ? (before ?? after ?? '')
            .split('\n')
            .map((text) => ({ kind: before === undefined ? 'added' : 'removed', text }))
        : diffLines(before, after),
    )
    const left = lines.length - shownLines
    return html`<h3>${heading(pair)}</h3>
<pre class="code-block lines scroll" tabindex="0"><code>${lines.slice(0, shownLines).map(lineMarkup)}</code></pre>
${left > 0 && html`<p class="caption">${fixed(left)} more lines are left out.</p>`}`
  })
