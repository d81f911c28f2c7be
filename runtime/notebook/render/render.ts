import { FigureBox } from '../../html/findings.ts'
import { clip, html, humanise } from '../../html/html.ts'
import { page, sheetText } from '../../html/page.ts'
import { metadataPart, type Notebook } from '../nbformat/cells.ts'
import { runMetadata } from './document.ts'
import { limits, Room } from './limits.ts'
import { inlineMarkdown } from './markdown.ts'
import { codeSwitch, contents, overview } from './overview.ts'
import { type Origin, parametersSection, provenanceSection } from './provenance.ts'
import { storyOf } from './story.ts'

const sheets = ['story', 'rich', 'code'].map((name) => new URL(`./styles/${name}.css`, import.meta.url))

/** The style of a page that shows parts of notebooks. */
export const notebookStyle = sheetText(sheets)

const titleOf = (file: string): string => humanise(file.replace(/^.*[\\/]/, '').replace(/\.ipynb$/, ''))

/**
 * The report of an executed notebook: one HTML file that works offline. Its policy runs nothing but the script that
 * draws the figures; what outputs bring is sanitised, and cut where it is too long, with a note in its place.
 * The same notebook gives the same bytes.
 */
export const renderNotebook = (notebook: Notebook, origin: Origin): string => {
  const facts = runMetadata(notebook)
  const story = storyOf(notebook)
  const { anchors } = story.ids
  const box = new FigureBox(limits.figures, 'the notebook')
  const title = clip(story.title || titleOf(origin.file), 200)
  const lead = story.lead === undefined ? undefined : inlineMarkdown(clip(story.lead, 3000), anchors)
  const cells = story.draw({ box, room: new Room(), anchors })
  const parameters = parametersSection(notebook, facts)
  const main = html`${parameters}
<article class="story">
${cells}
</article>
${provenanceSection(facts, origin, box.figures.length > 0)}`
  const { notebook: source, tables, models } = metadataPart(notebook.metadata, 'polku')
  // What an approval reads of the report: where its numbers come from.
  const data = { 'polku-provenance': { notebook: source ?? { path: origin.file, hash: origin.hash }, tables, models } }
  return page({
    title,
    overview: overview(notebook, facts, { title, lead }),
    contents: contents(story.headings, parameters !== false),
    aboveContents: codeSwitch,
    main,
    figures: box.figures,
    style: notebookStyle,
    data,
  })
}
