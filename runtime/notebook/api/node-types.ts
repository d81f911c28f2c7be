import type { TSchema } from 'typebox'
import { annotationOf } from '../../catalogue/annotations.ts'
import { type Catalogue, type CatalogueNode, families } from '../../catalogue/catalogue.ts'

/** `value-classes` as a name in code: `valueClasses`. */
const camelCase = (name: string): string => name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

/** The interface that a family's functions are declared in: `SegmentNodes`. */
const familyType = (family: string): string => `${family.charAt(0).toUpperCase()}${family.slice(1)}Nodes`

/**
 * The functions of a family: what each is called, and its node's name. Where two nodes would be called the same, Polku's
 * keeps the name; the other is reached by `workspace.node`.
 */
export function membersOf(family: string, { names, own }: Pick<Catalogue, 'names' | 'own'>): [string, string][] {
  const members = new Map<string, string>()
  for (const name of [...names.filter((name) => !own.includes(name)), ...own]) {
    const member = camelCase(name.slice(name.indexOf('/') + 1))
    if (name.startsWith(`${family}/`) && !members.has(member)) members.set(member, name)
  }
  return [...members]
}

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
  if (values) return values.map((value) => JSON.stringify(value)).join(' | ') || 'never'
  if (anyOf) return anyOf.map(typeOf).join(' | ')
  if (type === 'integer') return 'number'
  if (type === 'array') return `readonly (${items ? typeOf(items) : 'unknown'})[]`
  if (type !== 'object') return ['string', 'number', 'boolean', 'null'].find((name) => name === type) ?? 'unknown'
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

/** @param member what the function is called. */
function nodeMember(member: string, { name, definition }: CatalogueNode): string {
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
  const signature = `inputs${optionalInputs ? '?' : ''}: ${block(inputMembers)}, settings${needsSettings ? '' : '?'}: ${block(settings)}`
  return `${comment([`**${title}.** ${summary}`, `Node \`${name}\`.`])}${key(member)}(${signature}): Promise<NodeResult<${block(outputMembers)}>>`
}

/** nodes.generated.ts: Polku's nodes as functions of a client. A family is an interface, which a workspace's nodes can add to. */
export function nodeTypes(nodes: readonly CatalogueNode[]): string {
  const names = nodes.map(({ name }) => name)
  const interfaces = families.map((family) => {
    const members = membersOf(family, { names, own: [] }).map(([member, name]) =>
      nodeMember(member, nodes.find((node) => node.name === name)!),
    )
    return `/** @public A workspace’s own nodes are added to it. */\nexport interface ${familyType(family)} {\n${members.map((text) => `  ${indent(text)}\n`).join('')}}\n`
  })
  return [
    `// Made from the nodes’ own declarations by \`npm run catalogue\`.
import type { GivenTable, NodeResult } from './result.ts'
import type { Table } from './table.ts'
`,
    ...interfaces,
    `export interface Nodes {\n${families.map((family) => `  readonly ${family}: ${familyType(family)}\n`).join('')}}\n`,
  ].join('\n')
}

/** A node of a workspace that was found, with the name of its function; one that cannot be used, with the reason. */
export interface OwnNode {
  readonly member: string
  readonly name: string
  readonly node: CatalogueNode | string
}

/**
 * The functions of a workspace's own nodes, as additions to the interfaces of nodes.generated.ts. One that cannot be
 * used, or whose declaration is too strange to be typed, takes and gives anything, so that the notebook works without it.
 */
export function ownNodeTypes(nodes: readonly OwnNode[]): string {
  const ofFamily = (family: string) => nodes.filter(({ name }) => name.startsWith(`${family}/`))
  return families
    .filter((family) => ofFamily(family).length > 0)
    .map((family) => {
      const members = ofFamily(family).map((own) => `  ${indent(ownMember(own))}\n`)
      return `export interface ${familyType(family)} {\n${members.join('')}}\n`
    })
    .join('')
}

function ownMember({ member, name, node }: OwnNode): string {
  const untyped = (why: string) =>
    `${comment([`Node \`${name}\`.`, why])}${key(member)}(inputs?: object, settings?: object): Promise<NodeResult>`
  if (typeof node === 'string') return untyped(node)
  try {
    return nodeMember(member, node)
  } catch (error) {
    return untyped(`Its declaration cannot be typed: ${error instanceof Error ? error.message : String(error)}`)
  }
}
