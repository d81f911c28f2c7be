import type { TSchema } from 'typebox'
import type { ColumnClass } from '../../nodes/node.ts'

/** A setting's value that means more than itself: a column, an expression, a path, a date, a dataset, a model. */
export type Annotation =
  | { readonly kind: 'column'; readonly input: string; readonly type: ColumnClass }
  | { readonly kind: 'expression'; readonly input: string; readonly type: ColumnClass }
  | { readonly kind: 'path'; readonly mode: 'read' | 'write' }
  | { readonly kind: 'dataset'; readonly mode: 'read' | 'write' }
  | { readonly kind: 'model' }
  | { readonly kind: 'asOf' }

export interface Annotated {
  readonly annotation: Annotation
  readonly path: readonly (string | number)[]
  readonly value: string
}

/** What the node contract's setting helpers write into their schemas. */
interface Marked {
  readonly 'x-column'?: { input: string; type: ColumnClass }
  readonly 'x-expression'?: { input: string; type: ColumnClass }
  readonly 'x-path'?: 'read' | 'write'
  readonly 'x-dataset'?: 'read' | 'write'
  readonly 'x-model'?: boolean
  readonly 'x-as-of'?: boolean
  readonly properties?: Record<string, TSchema>
  readonly patternProperties?: Record<string, TSchema>
  readonly items?: TSchema
  readonly anyOf?: readonly TSchema[]
}

/** What a schema says of its own value. */
export function annotationOf(schema: TSchema): Annotation | undefined {
  const marked = schema as Marked // a JSON Schema with our own keywords
  if (marked['x-column']) return { kind: 'column', ...marked['x-column'] }
  if (marked['x-expression']) return { kind: 'expression', ...marked['x-expression'] }
  if (marked['x-path']) return { kind: 'path', mode: marked['x-path'] }
  if (marked['x-dataset']) return { kind: 'dataset', mode: marked['x-dataset'] }
  if (marked['x-model']) return { kind: 'model' }
  if (marked['x-as-of']) return { kind: 'asOf' }
  return undefined
}

/** Finds the annotated values in settings, however deep. */
export function* annotated(
  schema: TSchema,
  value: unknown,
  path: readonly (string | number)[] = [],
): Generator<Annotated> {
  if (value === undefined || value === null) return
  const annotation = annotationOf(schema)
  // An empty text names nothing; a schema that means something else refuses it.
  if (annotation && typeof value === 'string' && value !== '') yield { annotation, path, value }
  const marked = schema as Marked // as above
  for (const branch of marked.anyOf ?? []) yield* annotated(branch, value, path)
  if (Array.isArray(value)) {
    if (marked.items)
      for (const [index, item] of value.entries()) yield* annotated(marked.items, item, [...path, index])
  } else if (typeof value === 'object') {
    const byPattern = Object.values(marked.patternProperties ?? {})[0]
    for (const [key, item] of Object.entries(value)) {
      const property = marked.properties?.[key] ?? byPattern
      if (property) yield* annotated(property, item, [...path, key])
    }
  }
}

/** A copy of `value` in which every annotated text is replaced by what `replace` gives for it. */
export function replaceAnnotated(
  schema: TSchema,
  value: unknown,
  replace: (found: Annotated) => string,
): Record<string, unknown> {
  const copy = structuredClone(value) as Record<string, unknown> // settings are an object
  for (const found of annotated(schema, value)) {
    const parent = found.path
      .slice(0, -1)
      .reduce<unknown>((at, key) => (at as Record<string | number, unknown>)[key], copy) // the path leads through containers
    ;(parent as Record<string | number, unknown>)[found.path.at(-1) ?? ''] = replace(found) // as above
  }
  return copy
}
