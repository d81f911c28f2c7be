import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Catalogue, families } from '../catalogue/catalogue.ts'
import { projectRoot } from '../data/installation.ts'
import { nodeTypes } from '../notebook/api/node-types.ts'
import { settingLines } from './node-text.ts'

const escapeCell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;')
const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  rows.length === 0
    ? ''
    : `| ${heads.join(' | ')} |\n|${heads.map(() => '---').join('|')}|\n${rows.map((row) => `| ${row.map(escapeCell).join(' | ')} |`).join('\n')}\n\n`

/** nodes/README.md: every node from its own declaration. */
export async function catalogueText(): Promise<string> {
  const catalogue = new Catalogue()
  let text =
    '# The nodes\n\nMade from the nodes’ own declarations by `npm run catalogue`. `polku nodes NAME` shows the same in the terminal.\n\n'
  for (const family of families) {
    const names = catalogue.names.filter((name) => name.startsWith(`${family}/`))
    if (names.length > 0) text += `## ${family}\n\n`
    for (const name of names) {
      const { title, summary, inputs, outputs, params, metrics } = (await catalogue.load(name)).definition
      text += `### ${name}\n\n**${title}.** ${escapeCell(summary)}\n\n`
      text += table(
        ['input', 'what it is'],
        Object.entries(inputs).map(([key, spec]) => [
          `\`${key}\`${spec.optional ? ' (optional)' : ''}`,
          spec.description,
        ]),
      )
      text += table(
        ['setting', 'what it is'],
        settingLines(params).map(([key, line]) => [`\`${key}\``, line]),
      )
      text += table(
        ['output', 'what it is'],
        Object.entries(outputs).map(([key, line]) => [`\`${key}\``, line]),
      )
      text += table(
        ['metric for `stop:`', 'what it is'],
        Object.entries(metrics ?? {}).map(([key, line]) => [`\`${key}\``, line]),
      )
    }
  }
  return `${text.trimEnd()}\n`
}

/** runtime/notebook/api/nodes.generated.ts: every node as a typed function. */
export async function nodeTypesText(): Promise<string> {
  const catalogue = new Catalogue()
  const nodes = await Promise.all(catalogue.names.map((name) => catalogue.load(name)))
  return nodeTypes(nodes)
}

if (import.meta.main) {
  writeFileSync(join(projectRoot, 'nodes', 'README.md'), await catalogueText())
  writeFileSync(join(projectRoot, 'runtime', 'notebook', 'api', 'nodes.generated.ts'), await nodeTypesText())
}
