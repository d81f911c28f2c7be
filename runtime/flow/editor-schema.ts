import type { TSchema } from 'typebox'
import { annotationOf } from '../catalogue/annotations.ts'
import type { CatalogueNode } from '../catalogue/catalogue.ts'
import { type Flow, flowSchema } from './schema.ts'

/** What the flows of a workspace can name. */
export interface FlowVocabulary {
  /** Nodes, notebooks and models. */
  readonly nodes: readonly CatalogueNode[]
  /** The flows that can be used as steps: the workspace's own and Polku's. */
  readonly flows: readonly Flow[]
  /** The parameters that the workspace's own flows declare. */
  readonly params: readonly string[]
  /** Models as settings name them: `churn@approved`. */
  readonly models: readonly string[]
  readonly datasets: readonly string[]
}

/** A JSON Schema as plain data; only its own keywords are looked at. */
type Schema = Readonly<Record<string, unknown>>

/** The keywords of a setting's schema under which other schemas stand. */
interface SettingsSchema extends Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
}

const plain = (schema: unknown): Schema => JSON.parse(JSON.stringify(schema)) as Schema // a schema is an object

const reference = (names: readonly string[]): Schema => ({
  type: 'string',
  pattern: '\\$\\{',
  description: 'A reference: ${params.NAME}, ${run.asOf}, ${item} or ${secret.NAME}',
  examples: [...names.map((name) => `\${params.${name}}`), '${run.asOf}'],
})

/**
 * The JSON Schema by which an editor completes and checks a flow's file: the shape that `polku check` reads, with the
 * settings, inputs and metrics of each node, and the names of the workspace's nodes, parameters, models and datasets.
 * What needs the data (columns, types) is the check's.
 */
export function editorSchema(vocabulary: FlowVocabulary): Schema {
  const { nodes, flows, params } = vocabulary
  const settings = new SettingSchemas(vocabulary)
  const { steps, ...properties } = plain(flowSchema.properties)
  const step = steps as { patternProperties: Record<string, { properties: Record<string, unknown> }> } // a record of steps
  const uses = [
    ...nodes.map(({ name, definition }) => ({ const: name, title: definition.title, description: definition.summary })),
    ...flows.map((flow) => ({
      const: `flow/${flow.flow}`,
      title: flow.title ?? flow.flow,
      description: flow.description ?? 'Runs this flow for each of several items: for_each',
    })),
    {
      type: 'string',
      pattern: '^(model|notebook|flow)/|\\$\\{',
      description: 'model/NAME@VERSION, notebook/NAME or flow/NAME',
    },
  ]
  const [pattern = '', shape] = Object.entries(step.patternProperties)[0] ?? []
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A flow of Polku',
    ...plain({ ...flowSchema, properties: undefined }),
    properties: { ...properties, steps: { ...step, patternProperties: { [pattern]: { $ref: '#/definitions/step' } } } },
    definitions: {
      reference: reference(params),
      step: {
        ...shape,
        properties: {
          ...shape?.properties,
          // What they hold is said by the node that is used.
          with: { description: 'Settings of the node' },
          from: { description: 'Where its input tables come from: a step, or input: step' },
          uses: { anyOf: uses, description: 'The node, notebook, model or flow that does the step' },
        },
        allOf: [
          ...nodes.map((node) => whenUsed(node.name, nodeStep(node, settings))),
          ...flows.map((flow) => whenUsed(`flow/${flow.flow}`, { with: settings.ofFlow(flow) })),
        ],
      },
    },
  }
}

const whenUsed = (uses: string, properties: Schema): Schema => ({
  if: { properties: { uses: { const: uses } }, required: ['uses'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { properties },
})

function nodeStep({ name, definition }: CatalogueNode, settings: SettingSchemas): Schema {
  const { inputs, metrics = {} } = definition
  const table = ([input, { description }]: readonly [string, { readonly description: string }]) =>
    [input, { type: 'string', description: `${description}: a step, or step.output` }] as const
  const names = Object.entries(metrics).map(([metric, text]) => `${metric} (${text})`)
  return {
    with: { title: `Settings of ${name}`, ...settings.ofNode(definition.params) },
    from: {
      type: ['string', 'object'],
      description: `Where ${Object.keys(inputs).join(', ') || 'nothing'} comes from`,
      properties: Object.fromEntries(Object.entries(inputs).map(table)),
      additionalProperties: false,
    },
    stop: { type: 'string', description: `Stops the run when this holds: ${names.join('; ') || 'it gives no metric'}` },
  }
}

/** The schemas of settings as a flow's file may write them: a value, or a reference to one. */
class SettingSchemas {
  readonly #vocabulary: FlowVocabulary

  constructor(vocabulary: FlowVocabulary) {
    this.#vocabulary = vocabulary
  }

  ofNode(params: TSchema): Schema {
    return this.#written(plain(params))
  }

  ofFlow({ flow, params = {} }: Flow): Schema {
    const kinds = {
      number: 'number',
      integer: 'integer',
      text: 'string',
      boolean: 'boolean',
      date: 'string',
      list: 'array',
    }
    const properties = Object.entries(params).map(
      ([name, { type, description, default: standard, minimum, maximum }]) => [
        name,
        this.#orReference(plain({ type: kinds[type], description, default: standard, minimum, maximum })),
      ],
    )
    return {
      title: `Parameters of ${flow}`,
      type: 'object',
      properties: Object.fromEntries(properties),
      additionalProperties: false,
    }
  }

  /** An object's settings; a reference may stand for each value that is not an object. */
  #written(schema: Schema): Schema {
    const { properties, items, anyOf, required } = schema as SettingsSchema
    if (anyOf) return { ...schema, anyOf: anyOf.map((one) => this.#value(one)) }
    if (items) return { ...schema, items: this.#value(items) }
    if (!properties) return schema
    const written = Object.entries(properties).map(([name, property]) => [name, this.#value(property)])
    // A default makes a setting optional in the file.
    const needed = required?.filter((name) => properties[name]?.default === undefined)
    return { ...schema, required: needed, properties: Object.fromEntries(written) }
  }

  #value(schema: Schema): Schema {
    if (schema.type === 'object') return this.#written(schema)
    return this.#orReference(this.#named(this.#written(schema)))
  }

  /** With the names that the workspace has for what a setting means. */
  #named(schema: Schema): Schema {
    const annotation = annotationOf(schema as unknown as TSchema) // plain JSON of one
    if (annotation?.kind === 'model') return { ...schema, examples: this.#vocabulary.models }
    if (annotation?.kind === 'dataset') return { ...schema, examples: this.#vocabulary.datasets }
    return schema
  }

  #orReference(schema: Schema): Schema {
    const { description, title, default: standard } = schema
    return { ...plain({ description, title, default: standard }), anyOf: [schema, { $ref: '#/definitions/reference' }] }
  }
}
