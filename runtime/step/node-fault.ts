import { readFileSync } from 'node:fs'
import { sep } from 'node:path'
import { inspect } from 'node:util'
import { templateSites } from '../../nodes/lib/sql.ts'
import type { Sql } from '../../nodes/node.ts'
import type { CatalogueNode } from '../catalogue/catalogue.ts'
import { lineAndColumn } from '../catalogue/load-fault.ts'
import { ownNodesFolder, positionOfFrame, thrownIn } from '../catalogue/stack.ts'
import { statementOf } from '../data/database.ts'
import { PolkuError, type Position } from '../errors/errors.ts'
import type { Secrets } from './secrets.ts'

/** How DuckDB begins what it says of a statement that its author has to mend. */
const mistake = /^(Binder|Catalog|Parser|Syntax|Conversion|Invalid Input|Not implemented|Invalid Type) Error: /i

/**
 * What the author of a client's own node has to mend, with the place in the node's files: its SQL that DuckDB refuses, or
 * its code that throws. No secret is in it. Undefined for Polku's own nodes and for errors of another kind. What `isPlan`
 * fails is not retried.
 */
export function nodeFault(
  { name, file }: CatalogueNode,
  error: unknown,
  { secrets, isPlan = false }: { readonly secrets?: Secrets | undefined; readonly isPlan?: boolean } = {},
): PolkuError | undefined {
  const folder = ownNodesFolder(file)
  if (folder === undefined || error instanceof PolkuError) return undefined
  const text = error instanceof Error ? error.message : inspect(error)
  // Before a line of it is taken: a secret may have several.
  const message = secrets?.redact(text) ?? text
  // Anything may be thrown.
  if (!(error instanceof Error))
    return new PolkuError('NODE_FAILED', { node: name, reason: message.split('\n')[0] }, { file })
  if (mistake.test(message)) return sqlFault(name, folder, error, message, secrets)
  // What the system or a network says may pass by itself: `retry` tells by its code.
  const position = !isPlan && isOfSystem(error) ? undefined : thrownIn(error, folder)
  if (!position) return undefined
  return new PolkuError('NODE_FAILED', { node: name, reason: message.split('\n')[0] }, position, error)
}

const isOfSystem = (error: Error): boolean => 'code' in error && !/^ERR_/.test(String(error.code))

function sqlFault(node: string, folder: string, error: Error, message: string, secrets?: Secrets): PolkuError {
  const [first = '', ...rest] = message.split('\n').filter((line) => line.trim() !== '')
  const statement = statementOf(error)
  const isOpen = statement !== undefined && (!secrets || secrets.redact(statement) === statement)
  const offset = statement === undefined ? undefined : mistakeOffset(statement, error.message)
  const hint = rest.find((line) => /Candidate|Did you mean/.test(line))?.trim()
  const reason = first.replace(mistake, '')
  return new PolkuError(
    'NODE_SQL',
    {
      node,
      reason,
      actual: isOpen && offset !== undefined ? around(statement, offset) : undefined,
      right: hint ?? 'SQL that DuckDB can do on the columns of the inputs.',
    },
    statement !== undefined && offset !== undefined ? templatePosition(statement, offset, folder) : undefined,
    error,
  )
}

/** Where in a statement DuckDB's mark stands: below a line, of which it shows a piece where it is long. */
function mistakeOffset(statement: string, message: string): number | undefined {
  const [, number, space = '', text = '', before = ''] = /^LINE (\d+):( ?)(.*)\n( *)\^/m.exec(message) ?? []
  if (number === undefined) return undefined
  const start =
    statement
      .split('\n')
      .slice(0, Number(number) - 1)
      .join('\n').length + (Number(number) > 1 ? 1 : 0)
  const isCut = text.startsWith('...')
  const piece = text.replace(/^\.\.\./, '').replace(/\.\.\.$/, '')
  const at = statement.indexOf(piece, start)
  if (at < 0) return undefined
  return at + before.length - `LINE ${number}:${space}`.length - (isCut ? 3 : 0)
}

/** The SQL around an offset, on one line. */
function around(statement: string, offset: number, reach = 60): string {
  // What Polku says before a query is not its author's.
  const start = /^(describe |create or replace table "[^"]*" as )?/.exec(statement)?.[0].length ?? 0
  const from = Math.max(start, offset - reach)
  const to = Math.min(statement.length, offset + reach)
  const text = statement.slice(from, to).replaceAll(/\s+/g, ' ').trim()
  return `${from > start ? '…' : ''}${text}${to < statement.length ? '…' : ''}`
}

/** The line of a node's file that wrote this part of a statement: that of the template whose text stands there, or ends nearest before. */
function templatePosition(statement: string, offset: number, folder: string): Position | undefined {
  let best: { readonly position: Position; readonly distance: number; readonly length: number } | undefined
  for (const [strings, frame] of templateSites) {
    const site = positionOfFrame(frame)
    if (!site?.file.startsWith(folder + sep)) continue
    for (const [index, text] of strings.entries()) {
      if (text.trim().length < 2) continue
      for (let at = statement.indexOf(text); at >= 0 && at <= offset; at = statement.indexOf(text, at + 1)) {
        // A text that ends where the mistake begins is nearer than all others but the one that holds it.
        const distance = offset < at + text.length ? 0 : offset - at - text.length + 1
        if (best && (best.distance < distance || (best.distance === distance && best.length >= text.length))) continue
        const position = positionInTemplate(site, strings, index, Math.min(offset - at, text.length))
        best = { position, distance, length: text.length }
      }
    }
  }
  return best?.position
}

/** The position of a character of a template's text in its file; the template's own where the file is written in another way. */
function positionInTemplate(
  site: Required<Pick<Position, 'file' | 'line' | 'column'>>,
  strings: readonly string[],
  index: number,
  inside: number,
): Position {
  const source = readFileSync(site.file, 'utf8')
  let at =
    source
      .split('\n')
      .slice(0, site.line - 1)
      .join('\n').length +
    site.column -
    1
  for (const text of strings.slice(0, index + 1)) {
    const next = source.indexOf(text, at)
    if (next < 0) return site
    at = text === strings[index] ? next : next + text.length
  }
  return { file: site.file, ...lineAndColumn(source, at + inside) }
}

/** Functions and clauses of SQL that give something else each time. */
const chance =
  /\b(?:random|setseed|uuid|uuidv4|uuidv7|gen_random_uuid)\s*\(|\b(?:tablesample|using\s+sample)\b(?!.*\brepeatable\b)/i
/** Those that give another day or time; a step that is kept would give that of its first run. */
const clock =
  /\b(?:now|today|get_current_timestamp|current_localtime|current_localtimestamp|transaction_timestamp|txid_current)\s*\(|(?<!\.\s*|\bas\s+)\b(?:current_date|current_time|current_timestamp|localtime|localtimestamp)\b/i
const quoted = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--.*|\/\*[\s\S]*?\*\//g

/** A node's query, proved to give the same each time. Throws NODE_INVALID where it has chance that no seed decides, or the time of the clock. */
export function requireSeeded({ name, file, definition }: CatalogueNode, query: Sql): Sql {
  const { strings } = query
  if (!strings.some((text) => /random|setseed|uuid|sample|now|today|current|localtime|timestamp/i.test(text)))
    return query
  // A function may be called by its name in quotes.
  const text = strings
    .join('?')
    .replaceAll(/"(\w+)"(?=\s*\()/g, '$1')
    .replaceAll(quoted, ' ')
  const time = definition.effect ? undefined : clock.exec(text)?.[0]
  const word = chance.exec(text)?.[0] ?? time
  if (word === undefined) return query
  const call = word.endsWith('(') ? `${word.replace(/\s*\($/, '')}()` : word
  const right =
    word === time
      ? 'The date of a setting by asOfDate(), which the run gives.'
      : `Chance that the seed decides: order by hash(key, \${context.seed}) in SQL, random(context.seed) of polku/lib/random in TypeScript, repeatable (…) of a sample.`
  const reason = `its SQL has ${call}, which gives something else each time.`
  throw new PolkuError('NODE_INVALID', { node: name, reason, right }, chancePosition(file, word))
}

function chancePosition(file: string, word: string): Position | undefined {
  const folder = ownNodesFolder(file)
  if (folder === undefined) return undefined
  for (const [strings, frame] of templateSites) {
    const site = positionOfFrame(frame)
    const index = strings.findIndex((text) => text.includes(word))
    if (index < 0 || !site?.file.startsWith(folder + sep)) continue
    return positionInTemplate(site, strings, index, strings[index]?.indexOf(word) ?? 0)
  }
  return { file }
}
