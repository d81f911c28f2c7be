import { type TSchema, Type } from 'typebox'
import { asOfDate, filePath, type InputSpec, settings } from '../../../nodes/node.ts'
import { tableNameForm } from '../../data/names.ts'
import { shapeFaults } from '../../data/shape.ts'
import { PolkuError } from '../../errors/errors.ts'
import { metadataPart, type Notebook } from '../nbformat/cells.ts'
import type { Parameter } from '../parameters/parameters.ts'

const open = { additionalProperties: false }

const declarationSchema = Type.Object({
  inputs: Type.Optional(
    Type.Record(
      Type.String({ pattern: tableNameForm }),
      Type.Union([
        Type.String({ minLength: 1 }),
        Type.Object({ description: Type.String({ minLength: 1 }), optional: Type.Optional(Type.Boolean()) }, open),
      ]),
    ),
  ),
  outputs: Type.Optional(
    Type.Record(
      Type.String({ pattern: tableNameForm }),
      Type.Object(
        {
          description: Type.String({ minLength: 1 }),
          // A type goes into SQL as it is: letters, digits, brackets and nothing that could end it.
          columns: Type.Record(
            Type.String({ minLength: 1 }),
            Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]*( [A-Za-z][A-Za-z0-9_]*)*(\\([0-9, ]+\\))?(\\[\\])*$' }),
            { minProperties: 1 },
          ),
        },
        open,
      ),
    ),
  ),
  metrics: Type.Optional(Type.Record(Type.String(), Type.String())),
  reads: Type.Optional(
    Type.Array(
      Type.String({
        pattern: '^(?!/)(?!(.*/)?\\.\\.(/|$))[^\\0\\\\]+$',
        description: 'A path in the workspace, or a pattern of paths such as data/rules/*.csv.',
      }),
    ),
  ),
})

/** The tables a notebook takes and gives, as its `metadata.polku` declares them. */
export interface Declaration {
  readonly inputs: Readonly<Record<string, InputSpec>>
  /** Columns by name, each with its DuckDB type. */
  readonly outputs: Readonly<
    Record<string, { readonly description: string; readonly columns: Readonly<Record<string, string>> }>
  >
  readonly metrics: Readonly<Record<string, string>>
  /** Files of the workspace that it reads beside those that its parameters name; `*` and `**` stand for several. */
  readonly reads: readonly string[]
}

/** Throws NODE_INVALID where `metadata.polku` does not say its tables as it should. */
export function declarationOf(node: string, { metadata }: Notebook): Declaration {
  const { inputs = {}, outputs = {}, metrics = {}, reads = [] } = metadataPart(metadata, 'polku')
  const fields = { inputs, outputs, metrics, reads }
  const [fault] = shapeFaults(declarationSchema, fields)
  if (fault)
    throw new PolkuError('NODE_INVALID', {
      node,
      reason: `metadata.polku.${fault.path.join('.')} is ${fault.kind}`,
      right:
        fault.expected ||
        'metadata.polku: { inputs: { customers: "…" }, outputs: { scored: { description: "…", columns: { risk: "DOUBLE" } } } }',
    })
  const declared = fields as Declaration & { inputs: Record<string, string | InputSpec> } // the schema has just been checked
  return {
    ...declared,
    inputs: Object.fromEntries(
      Object.entries(declared.inputs).map(([input, spec]) => [
        input,
        typeof spec === 'string' ? { description: spec } : spec,
      ]),
    ),
  }
}

const item = ({ kind }: Parameter['type'], options: Record<string, unknown>): TSchema =>
  kind === 'text'
    ? Type.String(options)
    : kind === 'boolean'
      ? Type.Boolean(options)
      : kind === 'integer'
        ? Type.Integer(options)
        : Type.Number(options)

/** Whether a parameter is the path of a file: its content then is part of what the result depends on. */
export const isFile = ({ name: parameter, type }: Parameter): boolean =>
  type.kind === 'text' && !type.list && !type.options && /^(file|path)$|(File|Path)$/.test(parameter)

const isAsOf = ({ name: parameter, type }: Parameter): boolean =>
  parameter === 'asOf' && type.kind === 'text' && !type.list

/** The settings of a step that runs a notebook with these parameters. `asOf` is the run's date where the flow says nothing else. */
export const settingsOf = (parameters: readonly Parameter[]) =>
  settings(Object.fromEntries(parameters.map((parameter) => [parameter.name, schemaOf(parameter)])))

function schemaOf(parameter: Parameter): TSchema {
  const { name: label, type } = parameter
  const description = `The notebook’s parameter ${label}`
  if (isAsOf(parameter)) return asOfDate(description)
  const options = { default: parameter.default, description }
  if (isFile(parameter)) return { ...filePath(options), minLength: 0 }
  const one = type.options
    ? Type.Enum([...type.options] as (string | number)[], type.list ? {} : options)
    : item(type, type.list ? {} : options) // its options are texts or numbers, for booleans name none
  const whole = type.list ? Type.Array(one, options) : one
  return type.nullable ? Type.Union([whole, Type.Null()], options) : whole
}
