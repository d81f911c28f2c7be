import type { TSchema } from 'typebox'
import { annotationOf } from '../../flow/annotations.ts'
import type { FoundNode } from '../../flow/catalogue.ts'

/** `value-classes` as a name in code: `valueClasses`. */
export const camelCase = (name: string): string =>
  name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

/** What JSON Schema says of a setting, as far as nodes use it. */
interface Described {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly TSchema[]
  readonly items?: TSchema
  readonly properties?: Record<string, TSchema>
  readonly patternProperties?: Record<string, TSchema>
  readonly required?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
}

const indent = (text: string): string => text.replaceAll('\n', '\n  ')

/** A comment cannot be ended from within. */
const comment = (lines: readonly string[]): string => {
  const text = lines
    .filter((line) => line !== '')
    .map((line) => line.replaceAll('*/', '*\u200b/').replaceAll('\n', ' '))
  if (text.length <= 1) return text.length === 0 ? '' : `/** ${text[0]} */\n`
  return `/**\n${text.map((line) => ` * ${line}`).join('\n *\n')}\n */\n`
}

const key = (name: string): string => (/^[a-zA-Z_$][\w$]*$/.test(name) ? name : JSON.stringify(name))

const block = (members: readonly string[]): string =>
  members.length === 0 ? 'Record<string, never>' : `{\n  ${members.map(indent).join('\n  ')}\n}`

/** The TypeScript type of the values that a schema accepts. */
function typeOf(schema: TSchema): string {
  const { type, enum: values, const: only, anyOf, items, properties, patternProperties } = schema as Described // any schema
  if (only !== undefined) return JSON.stringify(only)
  if (values) return values.map((value) => JSON.stringify(value)).join(' | ')
  if (anyOf) return anyOf.map(typeOf).join(' | ')
  if (type === 'integer') return 'number'
  if (type === 'array') return `readonly (${items ? typeOf(items) : 'unknown'})[]`
  if (type !== 'object') return type ?? 'unknown'
  if (properties) return block(settingMembers(schema))
  const [value] = Object.values(patternProperties ?? {})
  return `Readonly<Record<string, ${value ? typeOf(value) : 'unknown'}>>`
}

const settingMembers = (schema: TSchema): string[] => {
  const { properties = {} } = schema as Described // an object schema
  return Object.entries(properties).map(([name, property]) => {
    const optional = isNeeded(schema, name) ? '' : '?'
    return `${comment(settingDoc(property))}readonly ${key(name)}${optional}: ${typeOf(property)}`
  })
}

/** Whether a setting has to be given: it is required and has no default. */
function isNeeded(schema: TSchema, name: string): boolean {
  const { properties = {}, required = [] } = schema as Described // an object schema
  return required.includes(name) && (properties[name] as Described | undefined)?.default === undefined
}

function settingDoc(schema: TSchema): string[] {
  const { description = '', default: standard, minimum, maximum } = schema as Described // any schema
  const annotation = annotationOf(schema)
  const what =
    annotation?.kind === 'column' || annotation?.kind === 'expression'
      ? `${annotation.type === 'any' ? '' : `${annotation.type} `}${annotation.kind} of \`${annotation.input}\``
      : annotation?.kind === 'asOf'
        ? 'a date such as 2026-10-01, or an offset such as -3 months'
        : ''
  const range = [minimum === undefined ? '' : `from ${minimum}`, maximum === undefined ? '' : `to ${maximum}`]
  const hints = [
    what,
    range.filter(Boolean).join(' '),
    standard === undefined ? '' : `default \`${JSON.stringify(standard)}\``,
  ]
  const hint = hints.filter(Boolean).join('; ')
  return [[description, hint && `(${hint})`].filter(Boolean).join(' ')]
}

function nodeMember({ name, definition }: FoundNode): string {
  const { title, summary, inputs, params, outputs } = definition
  const inputMembers = Object.entries(inputs).map(
    ([input, { description, optional }]) =>
      `${comment([description])}readonly ${key(input)}${optional ? '?' : ''}: GivenTable`,
  )
  const settings = settingMembers(params)
  const needsSettings = Object.keys(params.properties).some((name) => isNeeded(params, name))
  const outputMembers = Object.entries(outputs).map(
    ([output, text]) => `${comment([text])}readonly ${key(output)}: Table`,
  )
  const optionalInputs = Object.values(inputs).every(({ optional }) => optional) && !needsSettings
  const given = `inputs${optionalInputs ? '?' : ''}: ${block(inputMembers)}, settings${needsSettings ? '' : '?'}: ${block(settings)}`
  const member = camelCase(name.slice(name.indexOf('/') + 1))
  return `${comment([`**${title}.** ${summary}`, `Node \`${name}\`.`])}${member}(${given}): Promise<NodeResult<${block(outputMembers)}>>`
}

/** The families of nodes as members of a TypeScript type, each node a function with its documentation. */
function familyMembers(nodes: readonly FoundNode[]): string {
  const families = [...new Set(nodes.map(({ name }) => name.split('/')[0] ?? ''))]
  const members = families.map((family) => {
    const functions = nodes.filter(({ name }) => name.startsWith(`${family}/`)).map(nodeMember)
    return `readonly ${family}: ${block(functions)}`
  })
  return block(members)
}

/** nodes.generated.ts: Polku's nodes as functions of a client. */
export const nodeTypes = (
  nodes: readonly FoundNode[],
): string => `// Made from the nodes’ own declarations by \`npm run catalogue\`.
import type { GivenTable, NodeResult } from './result.ts'
import type { Table } from './table.ts'

export interface Nodes ${familyMembers(nodes)}
`
