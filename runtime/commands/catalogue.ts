import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parse, stringify } from 'yaml'
import { Catalogue, type CatalogueNode, families } from '../catalogue/catalogue.ts'
import { list } from '../data/files.ts'
import { projectRoot } from '../data/installation.ts'
import { errorThemes } from '../errors/errors.ts'
import type { ErrorEntry } from '../errors/table/entry.ts'
import { nodeTypes } from '../notebook/api/node-types.ts'
import type { Declaration } from '../server/http/endpoint.ts'
import { endpoints } from '../server/routes/routes.ts'
import { settingLines } from './node-text.ts'

const escapeCell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;')
const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  rows.length === 0
    ? ''
    : `| ${heads.join(' | ')} |\n|${heads.map(() => '---').join('|')}|\n${rows.map((row) => `| ${row.map(escapeCell).join(' | ')} |`).join('\n')}\n\n`

/** docs/nodes.md: every node from its own declaration, with a use of it that is proven by one of its cases. */
export async function nodesText(): Promise<string> {
  const catalogue = new Catalogue()
  let text = `# The nodes

Made from the nodes’ own declarations by \`npm run catalogue\`. \`polku nodes NAME\` shows the same in the terminal. Each example is taken from a case that the tests run.

`
  for (const family of families) {
    const names = catalogue.names.filter((name) => name.startsWith(`${family}/`))
    if (names.length > 0) text += `## ${family}\n\n`
    for (const name of names) text += nodeText(await catalogue.load(name))
  }
  return `${text.trimEnd()}\n`
}

function nodeText({ name, file, definition }: CatalogueNode): string {
  const { title, summary, inputs, outputs, params, metrics = {}, errors = {} } = definition
  const named = (entries: readonly (readonly [string, string])[]) => entries.map(([key, line]) => [`\`${key}\``, line])
  const inputRows = Object.entries(inputs).map(([key, spec]) => [
    `\`${key}\`${spec.optional ? ' (optional)' : ''}`,
    spec.description,
  ])
  return [
    `### ${name}\n\n**${title}.** ${escapeCell(summary)}\n\n`,
    exampleOf(name, inputs, join(dirname(file), 'cases')),
    table(['input', 'what it is'], inputRows),
    table(['setting', 'what it is'], named(settingLines(params))),
    table(['output', 'what it is'], named(Object.entries(outputs))),
    table(['metric for `stop:`', 'what it is'], named(Object.entries(metrics))),
    table(['error', 'what happened'], named(Object.entries(errors))),
  ].join('')
}

/** A step as a case of the node has it: of those that give outputs, the one that sets most, as far as it stays short. */
function exampleOf(name: string, inputs: CatalogueNode['definition']['inputs'], cases: string): string {
  const examples = list(cases)
    // What is hostile is proven, not recommended.
    .filter((folder) => folder !== 'hostile-names')
    .flatMap((folder) => {
      const {
        about,
        with: settings = {},
        error,
      } = parse(readFileSync(join(cases, folder, 'case.yaml'), 'utf8')) as ExampleCase // ours
      const connected = Object.keys(inputs).filter((input) => list(join(cases, folder)).includes(`${input}.csv`))
      const from = connected.length > 1 ? Object.fromEntries(connected.map((input) => [input, input])) : connected[0]
      const step = { uses: name, ...(from && { from }), ...(Object.keys(settings).length > 0 && { with: settings }) }
      const text = stringify(step, { collectionStyle: 'any', lineWidth: 100 }).trimEnd()
      return error || text.length > 700 ? [] : [{ about, text, size: Object.keys(settings).length }]
    })
  const [example] = examples.sort((left, right) => right.size - left.size)
  return example === undefined ? '' : `${example.about}:\n\n<!-- step -->\n\`\`\`yaml\n${example.text}\n\`\`\`\n\n`
}

/** What of `case.yaml` makes an example. */
interface ExampleCase {
  readonly about: string
  readonly with?: Record<string, unknown>
  readonly error?: unknown
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

/** runtime/client/operations.generated.ts: what the HTTP client needs of each endpoint, without loading the server. */
export function operationsText(): string {
  const lines = Object.entries<Declaration>(endpoints).map(([name, { method, url, allow, media }]) => {
    const facts = { method, url, allow, media }
    return `  ${name}: ${JSON.stringify(facts)},\n`
  })
  return `// Made from the endpoints’ declarations by \`npm run catalogue\`.

export const operations = {
${lines.join('')}} as const
`
}

if (import.meta.main) {
  writeFileSync(join(projectRoot, 'runtime', 'client', 'operations.generated.ts'), operationsText())
  writeFileSync(join(projectRoot, 'docs', 'errors.md'), errorsText())
  writeFileSync(join(projectRoot, 'docs', 'nodes.md'), await nodesText())
  writeFileSync(join(projectRoot, 'runtime', 'notebook', 'api', 'nodes.generated.ts'), await nodeTypesText())
}
