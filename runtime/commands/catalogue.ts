import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Catalogue, families } from '../catalogue/catalogue.ts'
import { projectRoot } from '../data/installation.ts'
import { errorThemes } from '../errors/errors.ts'
import type { ErrorEntry } from '../errors/table/entry.ts'
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

// Placeholders that are a sentence of their own.
const sentences: Record<string, string> = {
  '{nearest}': 'The name that is most alike, or the names that there are.',
  '{right}': 'Said with each error.',
  '{message}': 'What the node itself says.',
  '{reason}': 'Said with each error.',
  '': 'What the node itself says.',
}

/** docs/errors.md: every error code, by theme. */
export function errorsText(): string {
  const sections = Object.entries(errorThemes).map(([theme, entries]) => {
    const source = readFileSync(join(projectRoot, 'runtime', 'errors', 'table', `${theme}.ts`), 'utf8')
    const about = source.slice('// '.length, source.indexOf('\n'))
    const rows = Object.entries<ErrorEntry>(entries).map(([code, entry]) => [
      `\`${code}\``,
      sentences[entry.message] ?? entry.message,
      sentences[entry.expected] ?? entry.expected,
      `${entry.status}${entry.addressed === undefined ? '' : `; 404 for the ${entry.addressed} of the address`}`,
      entry.usage ? '2' : '1',
      entry.transient ? 'yes' : '',
    ])
    const heads = ['code', 'what happened', 'what would be right', 'HTTP status', 'exit code', 'retried']
    return `## ${theme}\n\n${about}\n\n${table(heads, rows)}`
  })
  return `# Errors

Made from the one table of errors, \`runtime/errors/table/\`, by \`npm run catalogue\`. Every error says what happened, where (file, line, column or step), what it met and what would be right; words in braces are filled in.

- **HTTP status**: of an answer of the API, which carries the code as \`application/problem+json\`.
- **exit code**: of a command that ends with it. 2 where the command itself is written wrongly.
- **retried**: whether \`retry\` of a step does it again. So it does where the system or DuckDB says that a disk, a network or another program was busy or away, and where a node declares its own error as \`transient\`; all else fails at once.

A node's own errors carry a code of the node, such as \`segment/rfm:tooFew\`; \`polku nodes NAME\` lists them.

${sections.join('')}`.replace(/\n+$/, '\n')
}

if (import.meta.main) {
  writeFileSync(join(projectRoot, 'docs', 'errors.md'), errorsText())
  writeFileSync(join(projectRoot, 'nodes', 'README.md'), await catalogueText())
  writeFileSync(join(projectRoot, 'runtime', 'notebook', 'api', 'nodes.generated.ts'), await nodeTypesText())
}
