import ts from 'typescript'
import type { Content } from '../../wire.ts'
import type { Language } from './language.ts'

// Code that is being written is a cell of its own, which nothing else sees.
const draft = 'draft'
const most = 500

/** Writes the draft and gives where `position` of the code is in its file. */
const writeDraft = ({ cells }: Language, code: string, position: number) => {
  const { start } = cells.write(draft, code, 'all')
  return { file: cells.path(draft), start, at: start + Math.min(Math.max(position, 0), code.length) }
}

const word = /[\p{ID_Continue}$]*$/u

/** What may stand at `position` of `code`: matches, and the UTF-16 range they replace. */
export function completions(language: Language, code: string, position: number): Content {
  const { file, start, at } = writeDraft(language, code, position)
  const typed = word.exec(code.slice(0, position))?.[0] ?? ''
  const info = language.service.getCompletionsAtPosition(file, at, { includeCompletionsWithInsertText: false })
  const prefix = typed.toLowerCase()
  const entries = (info?.entries ?? [])
    .filter(({ name, kind }) => name.toLowerCase().startsWith(prefix) && kind !== ts.ScriptElementKind.warning)
    .sort(
      (a, b) =>
        Number(b.name.startsWith(typed)) - Number(a.name.startsWith(typed)) || a.sortText.localeCompare(b.sortText),
    )
    .slice(0, most)
  const replaced = entries.find(({ replacementSpan }) => replacementSpan)?.replacementSpan
  const from = replaced ? replaced.start - start : position - typed.length
  const to = replaced ? from + replaced.length : position
  const types = entries.map(({ name, kind }) => ({ start: from, end: to, text: name, type: kind }))
  return {
    status: 'ok',
    matches: entries.map(({ name }) => name),
    cursor_start: from,
    cursor_end: to,
    metadata: { _jupyter_types_experimental: types },
  }
}

/** What is known of the name at `position` of `code`: its type and its documentation. */
export function inspection(language: Language, code: string, position: number): Content {
  const { file, at, start } = writeDraft(language, code, position)
  // The cursor often stands behind the name.
  const info =
    language.service.getQuickInfoAtPosition(file, at) ??
    (at > start ? language.service.getQuickInfoAtPosition(file, at - 1) : undefined)
  if (!info) return { status: 'ok', found: false, data: {}, metadata: {} }
  const signature = ts.displayPartsToString(info.displayParts)
  const documentation = ts.displayPartsToString(info.documentation)
  const tags = (info.tags ?? []).map(({ name, text }) => `@${name} ${ts.displayPartsToString(text)}`.trim())
  const notes = [documentation, ...tags].filter((note) => note !== '')
  const data = {
    'text/plain': [signature, ...notes].join('\n\n'),
    'text/markdown': [`\`\`\`typescript\n${signature}\n\`\`\``, ...notes].join('\n\n'),
  }
  return { status: 'ok', found: true, data, metadata: {} }
}

// Unterminated string, template and regular expression; `*/ expected`.
const unterminated = new Set([1160, 1010])

/** Whether code can be run as it is, goes on in the next line, or is wrong: the content of an is_complete_reply. */
export function completeness(code: string): Content {
  const file = ts.createSourceFile('cell.ts', code, ts.ScriptTarget.ESNext)
  // Not in the public types, but how the parser reports without a program.
  const { parseDiagnostics = [] } = file as unknown as { parseDiagnostics?: readonly ts.DiagnosticWithLocation[] }
  const end = code.trimEnd().length
  const [first] = parseDiagnostics
  if (!first) return { status: 'complete' }
  const goesOn = parseDiagnostics.some(({ code: number, start }) => start >= end || unterminated.has(number))
  if (!goesOn || (first.start < end && !unterminated.has(first.code))) return { status: 'invalid' }
  const depth = (code.match(/[{([]/g)?.length ?? 0) - (code.match(/[})\]]/g)?.length ?? 0)
  return { status: 'incomplete', indent: '  '.repeat(Math.max(depth, 0)) }
}
