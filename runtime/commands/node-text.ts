import type { TSchema } from 'typebox'
import { annotationOf } from '../catalogue/annotations.ts'
import type { CatalogueNode } from '../catalogue/catalogue.ts'

/** A node with its inputs, settings, outputs, metrics and errors. */
export function nodeText({ name, definition }: CatalogueNode): string {
  const { title, summary, inputs, outputs, params, metrics, errors } = definition
  const section = (heading: string, entries: readonly (readonly [string, string])[]): string[] => {
    const width = Math.max(0, ...entries.map(([key]) => key.length))
    return entries.length === 0 ? [] : ['', heading, ...entries.map(([key, text]) => `  ${key.padEnd(width)}  ${text}`)]
  }
  return [
    `${name} · ${title}`,
    summary,
    ...section(
      'Inputs',
      Object.entries(inputs).map(([key, spec]) => [key, `${spec.description}${spec.optional ? ' (optional)' : ''}`]),
    ),
    ...section('Settings', settingLines(params)),
    ...section('Outputs', Object.entries(outputs)),
    ...section('Metrics for stop:', Object.entries(metrics ?? {})),
    ...section('Errors', Object.entries(errors ?? {})),
  ].join('\n')
}

interface Described {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly items?: TSchema
  readonly anyOf?: readonly TSchema[]
  readonly properties?: Record<string, TSchema>
  readonly required?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
}

/** One line per setting: name, what kind of value, default, what it is for. */
export function settingLines(schema: TSchema, prefix = ''): [string, string][] {
  const { properties = {}, required = [] } = schema as Described // an object schema
  return Object.entries(properties).flatMap(([name, property]): [string, string][] => {
    const described = property as Described // any schema
    const { description = '', default: standard, items } = described
    const must =
      standard !== undefined ? `; default ${JSON.stringify(standard)}` : required.includes(name) ? '; required' : ''
    const line: [string, string] = [
      `${prefix}${name}`,
      `${kind(property)}${must}${description ? `. ${description}` : ''}`,
    ]
    const inner =
      items && (items as Described).properties
        ? settingLines(items, `${prefix}${name}[].`)
        : described.properties
          ? settingLines(property, `${prefix}${name}.`)
          : []
    return [line, ...inner]
  })
}

function kind(schema: TSchema): string {
  const annotation = annotationOf(schema)
  const typed = annotation && 'type' in annotation && annotation.type !== 'any' ? `${annotation.type} ` : ''
  if (annotation?.kind === 'column') return `${typed}column of ${annotation.input}`
  if (annotation?.kind === 'expression') return `${typed}expression over ${annotation.input}`
  if (annotation?.kind === 'path')
    return annotation.mode === 'read' ? 'file in the workspace' : 'place in the workspace'
  if (annotation?.kind === 'asOf') return 'date or offset'
  if (annotation) return annotation.kind
  const { type, enum: values, anyOf, items, minimum, maximum } = schema as Described // any schema
  if (anyOf) return anyOf.map(kind).join(' or ')
  if (values) return values.map((value) => JSON.stringify(value)).join(' | ')
  if (type === 'array' && items) return `list of ${kind(items)}`
  const range = [minimum !== undefined ? `from ${minimum}` : '', maximum !== undefined ? `to ${maximum}` : '']
    .filter(Boolean)
    .join(' ')
  return [type ?? 'value', range].filter(Boolean).join(' ')
}
