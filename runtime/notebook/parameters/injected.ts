import { PolkuError } from '../../errors/errors.ts'
import { type Cell, type CodeCell, hasTag } from '../nbformat/cells.ts'
import type { Parameter, ParameterItem, ParameterValue, ParameterValues } from './parameters.ts'
import { pythonParameters } from './python-cell.ts'

interface Language {
  readonly read: (source: string) => Parameter[] | Promise<Parameter[]>
  readonly write: (parameter: Parameter, value: ParameterValue) => string
  readonly comment: string
}

// Characters that end a line, or that a reader of the notebook would not see: all but what stands for itself.
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}]/gu
const hexadecimal = (character: string, digits: number): string =>
  (character.codePointAt(0) ?? 0).toString(16).padStart(digits, '0')

// JSON escapes quotes, backslashes, the C0 controls and lone surrogates in a way that all these languages share.
const typescriptText = (text: string): string =>
  JSON.stringify(text).replaceAll(unseen, (character) => `\\u{${hexadecimal(character, 1)}}`)
const pythonText = (text: string): string =>
  JSON.stringify(text).replaceAll(unseen, (character) => `\\U${hexadecimal(character, 8)}`)

const typescriptItem = (item: ParameterItem): string =>
  typeof item === 'string' ? typescriptText(item) : Object.is(item, -0) ? '-0' : String(item)

const pythonItem = (item: ParameterItem): string =>
  typeof item === 'string' ? pythonText(item) : typeof item === 'number' ? String(item) : item ? 'True' : 'False'

const listed = (value: readonly ParameterItem[] | ParameterItem, write: (item: ParameterItem) => string): string =>
  Array.isArray(value) ? `[${value.map(write).join(', ')}]` : write(value as ParameterItem) // no list

const typeWords = { number: 'number', integer: 'number', text: 'string', boolean: 'boolean' }

// The compiler takes a third of a second to load, which a notebook without parameters need not wait for.
const readTypescript = async (source: string): Promise<Parameter[]> =>
  (await import('./typescript-cell.ts')).typescriptParameters(source)

const javascript = (value: ParameterValue): string => (value === null ? 'null' : listed(value, typescriptItem))

/** The type written out, or else `const budget = 6000` would be of the type 6000, which compares with nothing else. */
const typeOf = ({ type, annotation }: Parameter): string =>
  annotation ?? `${typeWords[type.kind]}${type.list ? '[]' : ''}${type.nullable ? ' | null' : ''}`

const languages: Readonly<Record<string, Language>> = {
  typescript: {
    read: readTypescript,
    write: (parameter, value) => `const ${parameter.name}: ${typeOf(parameter)} = ${javascript(value)}`,
    comment: '// Parameters of this run',
  },
  javascript: {
    read: readTypescript,
    write: ({ name }, value) => `const ${name} = ${javascript(value)}`,
    comment: '// Parameters of this run',
  },
  python: {
    read: pythonParameters,
    write: ({ name }, value) => `${name} = ${value === null ? 'None' : listed(value, pythonItem)}`,
    comment: '# Parameters of this run',
  },
}

const languageOf = (language: string): Language | undefined =>
  Object.hasOwn(languages, language.toLowerCase()) ? languages[language.toLowerCase()] : undefined

/**
 * The parameters that the cell tagged `parameters` declares; none where there is no such cell.
 * Throws NOTEBOOK_PARAM_LANGUAGE for a language whose literals Polku does not know.
 */
export async function notebookParameters(cells: readonly Cell[], language: string): Promise<Parameter[]> {
  const cell = cells.find((one) => one.cell_type === 'code' && hasTag(one, 'parameters'))
  if (!cell) return []
  const syntax = languageOf(language)
  if (!syntax) throw new PolkuError('NOTEBOOK_PARAM_LANGUAGE', { language: language || 'an unknown language' })
  return syntax.read(cell.source)
}

/** The cells with the given values in a cell of their own after the one tagged `parameters`; those of an earlier run go. */
export function withInjected(
  cells: readonly Cell[],
  declared: readonly Parameter[],
  values: ParameterValues,
  language: string,
): readonly Cell[] {
  const rest = cells.filter((cell) => !hasTag(cell, 'injected-parameters'))
  const assigned = declared.filter(({ name }) => Object.hasOwn(values, name))
  const syntax = languageOf(language)
  if (assigned.length === 0 || !syntax) return rest
  const at = rest.findIndex((cell) => hasTag(cell, 'parameters')) + 1
  const injected: CodeCell = {
    cell_type: 'code',
    id: 'injected-parameters',
    metadata: { tags: ['injected-parameters'] },
    source: [syntax.comment, ...assigned.map((one) => syntax.write(one, values[one.name] ?? null))].join('\n'),
    outputs: [],
    execution_count: null,
  }
  return [...rest.slice(0, at), injected, ...rest.slice(at)]
}
