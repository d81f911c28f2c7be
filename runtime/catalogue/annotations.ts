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

/** A text in settings: a value, or the name of a field. */
export interface SettingText {
  readonly value: string
  readonly path: readonly (string | number)[]
  readonly isKey: boolean
  /** What its schema says of it, if anything. */
  readonly annotation?: Annotation
}

/** What the node contract's setting helpers write into their schemas. */
interface Annotating {
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
  const annotating = schema as Annotating // a JSON Schema with our own keywords
  if (annotating['x-column']) return { kind: 'column', ...annotating['x-column'] }
  if (annotating['x-expression']) return { kind: 'expression', ...annotating['x-expression'] }
  if (annotating['x-path']) return { kind: 'path', mode: annotating['x-path'] }
  if (annotating['x-dataset']) return { kind: 'dataset', mode: annotating['x-dataset'] }
  if (annotating['x-model']) return { kind: 'model' }
  if (annotating['x-as-of']) return { kind: 'asOf' }
  return undefined
}

/** Every text in settings that is not empty, however deep, in their order; one of two meanings comes twice. */
export function settingTexts(schema: TSchema, settings: unknown): SettingText[] {
  const texts: SettingText[] = []
  const visit = (value: unknown, schemas: readonly TSchema[], path: readonly (string | number)[]): void => {
    if (typeof value === 'string') {
      if (value === '') return // names nothing; a schema that means something else refuses it
      const annotations = schemas.flatMap((each) => annotationOf(each) ?? [])
      if (annotations.length === 0) texts.push({ value, path, isKey: false })
      else for (const annotation of annotations) texts.push({ value, path, isKey: false, annotation })
    } else if (Array.isArray(value)) {
      const items = alternatives(schemas.flatMap((each) => (each as Annotating).items ?? [])) // as above
      for (const [index, item] of value.entries()) visit(item, items, [...path, index])
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        const inner = [...path, key]
        texts.push({ value: key, path: inner, isKey: true })
        visit(item, alternatives(schemas.flatMap((each) => propertyOf(each, key) ?? [])), inner)
      }
    }
  }
  visit(settings, alternatives([schema]), [])
  return texts
}

/** What a schema says of the values in it, however deep, by their paths. */
export function schemaAnnotations(
  schema: TSchema,
  path: readonly string[] = [],
): { readonly path: readonly string[]; readonly annotation: Annotation }[] {
  const annotation = annotationOf(schema)
  const { properties, patternProperties, items, anyOf } = schema as Annotating // as above
  const inner = [
    ...Object.entries(properties ?? {}).map(([key, each]) => [each, [...path, key]] as const),
    ...[...Object.values(patternProperties ?? {}), ...(items ? [items] : []), ...(anyOf ?? [])].map(
      (each) => [each, path] as const,
    ),
  ]
  return [
    ...(annotation ? [{ path, annotation }] : []),
    ...inner.flatMap(([each, innerPath]) => schemaAnnotations(each, innerPath)),
  ]
}

/** Schemas with those that they give as a choice. */
const alternatives = (schemas: readonly TSchema[]): TSchema[] =>
  schemas.flatMap((schema) => [schema, ...alternatives((schema as Annotating).anyOf ?? [])]) // as above

function propertyOf(schema: TSchema, key: string): TSchema | undefined {
  const { properties, patternProperties } = schema as Annotating // as above
  return properties?.[key] ?? Object.values(patternProperties ?? {})[0]
}
