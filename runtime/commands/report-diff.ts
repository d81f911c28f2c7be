import { basename, dirname, extname, join } from 'node:path'
import { packPlotly } from '../html/plotly.ts'
import { renderDiff } from '../notebook/diff/report.ts'
import { readNotebook } from '../notebook/nbformat/file.ts'
import { originOf, writeReport } from './notebook-render.ts'
import { say } from './say.ts'

const stem = (file: string): string => basename(file, extname(file))

/** Writes what changed between two runs of a notebook. Throws FILE_NOT_FOUND, NOTEBOOK_*, USAGE. */
export async function reportDiff(a: string, b: string, { out }: { readonly out?: string }): Promise<void> {
  const [before, after] = [readNotebook(a), readNotebook(b)]
  const [from, to] = await Promise.all([originOf(a), originOf(b), packPlotly()])
  const html = renderDiff({ notebook: before, origin: from }, { notebook: after, origin: to })
  say(`Report: ${writeReport(out ?? join(dirname(b), `${stem(a)}-to-${stem(b)}.html`), html, [a, b])}\n`)
}
