import { columnClass } from '../../nodes/lib/column-class.ts'
import type { ColumnClass, Table } from '../../nodes/node.ts'
import { type Annotated, annotated, replaceAnnotated } from '../catalogue/annotations.ts'
import type { CatalogueNode } from '../catalogue/catalogue.ts'
import { describeType, fits } from '../data/columns.ts'
import type { Database } from '../data/database.ts'
import { isDate, resolveAsOf } from '../data/dates.ts'
import { type ShapeFault, shapeFaults } from '../data/shape.ts'
import type { Workspace } from '../data/workspace.ts'
import { type Place, PolkuError } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'
import { expressionFaults } from './expression.ts'
import { namesSecret, type Secrets } from './secrets.ts'

export type PlaceOf = (path: readonly (string | number)[], target?: 'key' | 'value', offset?: number) => Place

/** What stands at a path. */
const at = (settings: unknown, path: readonly (string | number)[]): unknown =>
  path.reduce<unknown>((part, key) => (part as Record<string | number, unknown>)?.[key], settings) // the path leads to the culprit

/** Faults of settings as the node receives them: the name of a secret is judged by what it stands for. */
function faultsOf(node: CatalogueNode, settings: Record<string, unknown>, secrets: Secrets | undefined): ShapeFault[] {
  const { params } = node.definition
  const faults = shapeFaults(params, settings)
  if (!secrets || secrets.isEmpty) return faults
  const isSecret = ({ path }: ShapeFault) => {
    const value = at(settings, path)
    return typeof value === 'string' && namesSecret(value)
  }
  const revealed = shapeFaults(params, secrets.reveal(settings)).filter(isSecret)
  return [...faults.filter((fault) => !isSecret(fault)), ...revealed]
}

/** Validates settings against the node's schema and fills its defaults in place. `secrets` are those a flow may name. */
export function settingFaults(
  node: CatalogueNode,
  settings: Record<string, unknown>,
  place: PlaceOf,
  secrets?: Secrets,
): PolkuError[] {
  return faultsOf(node, settings, secrets).map((fault) => {
    const setting = fault.path.join('.')
    if (fault.kind === 'unknown')
      return new PolkuError(
        'SETTING_UNKNOWN',
        { node: node.name, setting, found: setting, nearest: fault.expected },
        place(fault.path, 'key'),
      )
    if (fault.kind === 'missing')
      return new PolkuError(
        'SETTING_MISSING',
        { node: node.name, setting, right: fault.expected },
        place(fault.path.slice(0, -1), 'key'),
      )
    const shown = JSON.stringify(at(settings, fault.path))?.slice(0, 200)
    return new PolkuError(
      'SETTING_INVALID',
      { setting, value: shown, found: shown, right: fault.expected },
      place(fault.path),
    )
  })
}

/** Names of secrets where their values would be told: in names, paths and expressions, and in a notebook's parameters. */
export function misplacedSecrets(node: CatalogueNode, settings: Record<string, unknown>, place: PlaceOf): PolkuError[] {
  const misplaced = (reason: string, path: readonly (string | number)[]) =>
    new PolkuError('SECRET_MISPLACED', { reason, found: path.join('.') }, place(path))
  if (node.name.startsWith('notebook/'))
    return Object.entries(settings)
      .filter(([, value]) => namesSecret(JSON.stringify(value) ?? ''))
      .map(([name]) => misplaced('a notebook keeps its parameters in the executed notebook', [name]))
  return [...annotated(node.definition.params, settings)]
    .filter(({ value }) => namesSecret(value))
    .map(({ path }) => misplaced(`${path.join('.')} names a column, a file, a dataset, a model or a date`, path))
}

/** Faults that need no table: dates that do not exist, paths that leave the workspace, models that are not there. */
export function referenceFaults(
  node: CatalogueNode,
  settings: Record<string, unknown>,
  workspace: Workspace,
  resolveModel: (reference: string) => unknown,
  place: PlaceOf,
): PolkuError[] {
  const errors: PolkuError[] = []
  const attempt = (found: Annotated, work: () => unknown) => {
    try {
      work()
    } catch (error) {
      if (!(error instanceof PolkuError)) throw error
      errors.push(error.at(place(found.path)))
    }
  }
  for (const found of annotated(node.definition.params, settings)) {
    if (found.annotation.kind === 'path') attempt(found, () => workspace.resolve(found.value))
    if (found.annotation.kind === 'model') attempt(found, () => resolveModel(found.value))
    if (found.annotation.kind === 'asOf' && /^\d{4}/.test(found.value) && !isDate(found.value))
      errors.push(
        new PolkuError(
          'SETTING_INVALID',
          {
            setting: found.path.join('.'),
            value: found.value,
            found: found.value,
            right: 'A date that exists, such as 2026-10-01.',
          },
          place(found.path),
        ),
      )
  }
  return errors
}

/** As-of settings become ISO dates. */
export const resolveDates = (
  node: CatalogueNode,
  settings: Record<string, unknown>,
  asOf: string,
): Record<string, unknown> =>
  replaceAnnotated(node.definition.params, settings, (found) =>
    found.annotation.kind === 'asOf' ? resolveAsOf(found.value, asOf) : found.value,
  )

/** What the node receives: paths become absolute. Throws PATH_OUTSIDE. */
export const resolvePaths = (
  node: CatalogueNode,
  settings: Record<string, unknown>,
  workspace: Workspace,
): Record<string, unknown> =>
  replaceAnnotated(node.definition.params, settings, (found) =>
    found.annotation.kind === 'path' ? workspace.resolve(found.value) : found.value,
  )

export type LabelledTable = Table & { readonly label: string }

/** Faults of columns and expressions against the step's typed inputs. Inputs that could not be typed are passed over. `isWritten` tells settings of the flow from defaults. */
export async function columnFaults(
  node: CatalogueNode,
  settings: Record<string, unknown>,
  inputs: ReadonlyMap<string, LabelledTable>,
  database: Database,
  place: PlaceOf,
  isWritten: (setting: string | number) => boolean,
): Promise<PolkuError[]> {
  const errors: PolkuError[] = []
  for (const { annotation, path, value } of annotated(node.definition.params, settings)) {
    if (annotation.kind !== 'column' && annotation.kind !== 'expression') continue
    const table = inputs.get(annotation.input)
    if (!table) continue
    if (annotation.kind === 'column') {
      const fault = columnFault(value, table, annotation.type, isWritten(path[0] ?? '') ? undefined : path.join('.'))
      if (fault) errors.push(fault.at(place(path)))
    } else {
      for (const { error, offset } of await expressionFaults(database, value, table, annotation.type))
        errors.push(error.at(place(path, 'value', offset)))
    }
  }
  return errors
}

/** `unset` is the setting whose default `name` is. */
function columnFault(name: string, table: LabelledTable, wanted: ColumnClass, unset?: string): PolkuError | undefined {
  const hint = unset === undefined ? '' : `Set ${unset}, which is ${name} by default. `
  const column = table.columns.find((candidate) => candidate.name === name)
  if (!column) {
    const suited = table.columns.filter((candidate) => fits(candidate.type, wanted)).map((candidate) => candidate.name)
    return new PolkuError('COLUMN_UNKNOWN', {
      table: table.label,
      column: name,
      found: name,
      nearest: `${hint}${nearest(name, suited.length > 0 ? suited : table.columns.map((candidate) => candidate.name), 'column')}`,
    })
  }
  if (fits(column.type, wanted)) return undefined
  return new PolkuError('COLUMN_TYPE', {
    column: name,
    table: table.label,
    type: describeType(column.type),
    found: columnClass(column.type),
    right: wanted,
  })
}

/** The workspace paths of the files a step reads. */
export const readPaths = (node: CatalogueNode, settings: Record<string, unknown>): string[] =>
  [...annotated(node.definition.params, settings)]
    .filter(({ annotation }) => annotation.kind === 'path' && annotation.mode === 'read')
    .map(({ value }) => value)

/** The first file that a step would read in vain, and the path of the setting that names it. */
export function missingFile(
  node: CatalogueNode,
  settings: Record<string, unknown>,
  workspace: Workspace,
): { error: PolkuError; path: readonly (string | number)[] } | undefined {
  for (const { annotation, path, value } of annotated(node.definition.params, settings)) {
    if (annotation.kind !== 'path' || annotation.mode !== 'read') continue
    try {
      workspace.requireFile(value)
    } catch (error) {
      if (error instanceof PolkuError) return { error, path }
      throw error
    }
  }
  return undefined
}

/** Throws FILE_NOT_FOUND or FILE_UNREADABLE for the first file a step would read in vain. */
export const requireFiles = (node: CatalogueNode, settings: Record<string, unknown>, workspace: Workspace): string[] =>
  readPaths(node, settings).map((path) => workspace.requireFile(path))
