import { columnClass } from '../../nodes/lib/column-class.ts'
import type { Column, ColumnClass, Table } from '../../nodes/node.ts'
import { describeType, fits } from '../data/columns.ts'
import type { Database } from '../data/database.ts'
import { PolkuError } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'
import {
  type Binding,
  type BindServices,
  type BoundStep,
  bindStep,
  missingFile,
  nodeSettings,
  type PositionOf,
  type WrittenStep,
} from './bind.ts'
import { expressionFaults } from './expression.ts'
import { type PlanServices, typeOutputs } from './typing.ts'

/** An input of a step: a table whose columns are known, and what errors call it. */
export type LabelledTable = Table & { readonly label: string }

/** Binds a step's settings and checks the columns and expressions they name against its inputs, as far as those are known. */
export async function checkStep(
  written: WrittenStep,
  inputs: ReadonlyMap<string, LabelledTable>,
  services: BindServices & { readonly database: Database },
): Promise<Binding> {
  const { step, faults } = bindStep(written, services)
  if (written.unresolved?.length) return { step, faults }
  return { step, faults: [...faults, ...(await columnFaults(step, inputs, services.database, written))] }
}

async function columnFaults(
  { named }: BoundStep,
  inputs: ReadonlyMap<string, LabelledTable>,
  database: Database,
  { settings, position }: WrittenStep,
): Promise<PolkuError[]> {
  const errors: PolkuError[] = []
  for (const { annotation, path, value } of named) {
    if (annotation.kind !== 'column' && annotation.kind !== 'expression') continue
    const table = inputs.get(annotation.input)
    if (!table) continue
    if (annotation.kind === 'column') {
      const isDefault = !Object.hasOwn(settings, path[0] ?? '')
      const fault = columnFault(value, table, annotation.type, isDefault ? path.join('.') : undefined)
      if (fault) errors.push(fault.at(position(path)))
    } else {
      for (const { error, offset } of await expressionFaults(database, value, table, annotation.type))
        errors.push(error.at(position(path, 'value', offset)))
    }
  }
  return errors
}

/** `unset` is the setting whose default `name` is. */
function columnFault(name: string, table: LabelledTable, type: ColumnClass, unset?: string): PolkuError | undefined {
  const hint = unset === undefined ? '' : `Set ${unset}, which is ${name} by default. `
  const column = table.columns.find((candidate) => candidate.name === name)
  if (!column) {
    const suited = table.columns.filter((candidate) => fits(candidate.type, type)).map((candidate) => candidate.name)
    return new PolkuError('COLUMN_UNKNOWN', {
      table: table.label,
      column: name,
      actual: name,
      nearest: `${hint}${nearest(name, suited.length > 0 ? suited : table.columns.map((candidate) => candidate.name), 'column')}`,
    })
  }
  if (fits(column.type, type)) return undefined
  return new PolkuError('COLUMN_TYPE', {
    column: name,
    table: table.label,
    type: describeType(column.type),
    actual: columnClass(column.type),
    right: type,
  })
}

/**
 * The columns that each output of a sound step will have, typed on empty tables. Throws the node's own errors,
 * PLAN_FAILED, and where it could not be typed because a file is missing, that.
 */
export async function typeStep(
  step: BoundStep,
  empty: Readonly<Record<string, Table>>,
  services: Omit<PlanServices, 'currency'> & Pick<BindServices, 'workspace' | 'secrets'>,
  position: PositionOf,
): Promise<Record<string, readonly Column[]>> {
  const { workspace, secrets } = services
  try {
    return await typeOutputs(step.node, empty, nodeSettings(step, workspace, secrets), {
      ...services,
      currency: workspace.currency,
    })
  } catch (error) {
    const missing = error instanceof PolkuError ? missingFile(step, workspace) : undefined
    throw missing ? missing.error.at(position(missing.path)) : error
  }
}
