import { existsSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, relative, resolve } from 'node:path'
import { writeWhole } from '../data/files.ts'
import { hashFile } from '../data/hash.ts'
import { PolkuError } from '../errors/errors.ts'
import { bytes } from '../html/numbers.ts'
import { packPlotly } from '../html/plotly.ts'
import type { Notebook } from '../notebook/nbformat/cells.ts'
import { readNotebook } from '../notebook/nbformat/file.ts'
import { printToPdf } from '../notebook/render/pdf.ts'
import type { Origin } from '../notebook/render/provenance.ts'
import { say } from './say.ts'

/** What a report says of its notebook's file: its name as the user gave it, and the hash of its bytes. */
export const originOf = async (file: string): Promise<Origin> => ({
  file: relative(process.cwd(), resolve(file)).startsWith('..')
    ? basename(file)
    : relative(process.cwd(), resolve(file)),
  hash: await hashFile(file),
})

/** Writes a report where the user wants it, never over the notebooks it is made of. Gives its path and size in words. Throws USAGE. */
export const writeReport = (out: string, html: string, notebooks: readonly string[]): string => {
  if (notebooks.some((notebook) => resolve(notebook) === resolve(out)))
    throw new PolkuError('USAGE', {
      reason: `The report would overwrite the notebook ${out}; name another file with --out.`,
    })
  if (existsSync(out) && statSync(out).isDirectory())
    throw new PolkuError('USAGE', { reason: `${out} is a folder; name the report's file.` })
  writeWhole(out, html, dirname(resolve(out)))
  return `${relative(process.cwd(), resolve(out))} (${bytes(Buffer.byteLength(html))})`
}

const beside = (file: string, extension: string): string =>
  join(dirname(file), `${basename(file, extname(file))}${extension}`)

const hasFigures = ({ cells }: Notebook): boolean =>
  cells.some(
    (cell) =>
      cell.cell_type === 'code' &&
      cell.outputs.some((output) => 'data' in output && /plotly|findings/.test(Object.keys(output.data).join())),
  )

/** Loads what renders a report. */
export const loadRenderer = () => import('../notebook/render/render.ts')

/** Renders an executed notebook to HTML, and to a PDF beside it. Throws FILE_NOT_FOUND, NOTEBOOK_*, PDF_*, USAGE. */
export async function render(
  file: string,
  { out, pdf }: { readonly out?: string; readonly pdf: boolean },
): Promise<void> {
  const notebook = readNotebook(file)
  // Plotly is packed on another thread while the renderer is loaded.
  const [origin, { renderNotebook }] = await Promise.all([
    originOf(file),
    loadRenderer(),
    hasFigures(notebook) ? packPlotly() : undefined,
  ])
  const html = out ?? beside(file, '.html')
  say(`Report: ${writeReport(html, renderNotebook(notebook, origin), [file])}\n`)
  if (!pdf) return
  const paper = beside(html, '.pdf')
  await printToPdf(resolve(html), resolve(paper))
  say(`PDF: ${relative(process.cwd(), resolve(paper))}\n`)
}
