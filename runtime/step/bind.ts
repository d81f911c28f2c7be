import { type Annotation, type SettingText, settingTexts } from '../catalogue/annotations.ts'
import type { CatalogueNode } from '../catalogue/catalogue.ts'
import { isDate, resolveAsOf } from '../data/dates.ts'
import { type ShapeFault, shapeFaults } from '../data/shape.ts'
import type { Workspace } from '../data/workspace.ts'
import { PolkuError, type Position } from '../errors/errors.ts'
import { namesSecret, type Secrets, secretNames } from './secrets.ts'

type SettingPath = readonly (string | number)[]

/** Where a setting stands in the author's text; of a long one, `offset` characters into it. */
export type PositionOf = (path: SettingPath, target?: 'key' | 'value', offset?: number) => Position

/** A text in a step's settings that names something, and where it stands. */
export interface NamedValue {
  readonly annotation: Annotation
  readonly path: SettingPath
  /** Of a date, what it means in this run. */
  readonly value: string
}

/** A use of a node with what its settings say. */
export interface BoundStep {
  readonly node: CatalogueNode
  /** As the cache key and the report see them: defaults filled, dates resolved, paths relative to the workspace, secrets by name. */
  readonly settings: Readonly<Record<string, unknown>>
  /** The columns, expressions, paths, datasets, models and dates that they name. */
  readonly named: readonly NamedValue[]
  /** The secrets that they name. */
  readonly secrets: readonly string[]
}

/** A use of a node as its author wrote it. */
export interface WrittenStep {
  readonly node: CatalogueNode
  /** Without defaults. They are not changed. */
  readonly settings: Readonly<Record<string, unknown>>
  /** The date of the run, ISO. */
  readonly asOf: string
  readonly position: PositionOf
  /** Settings, as `a.b`, whose value is missing for a fault that is reported already: then only the shape of the others is checked. */
  readonly unresolved?: readonly string[]
}

export interface BindServices {
  readonly workspace: Workspace
  /** Throws where there is no such model. */
  readonly resolveModel: (reference: string) => unknown
  /** Those that a flow may name; none outside of flows. */
  readonly secrets?: Secrets
}

export interface Binding {
  readonly step: BoundStep
  /** All that can be wrong without a table. */
  readonly faults: readonly PolkuError[]
}

/** Everything that settings say, in one walk over them: what a step runs with, what it names, and what is wrong. */
export function bindStep(written: WrittenStep, services: BindServices): Binding {
  const { node, asOf, position, unresolved = [] } = written
  const { params } = node.definition
  const secrets = services.secrets?.isEmpty ? undefined : services.secrets
  const settings: Record<string, unknown> = structuredClone(written.settings)
  const shape = shapeFaults(params, settings)
  const texts = settingTexts(params, settings)
  const secretTexts = secrets ? texts.filter(({ value }) => namesSecret(value)) : []
  const misplaced = misplacedSecrets(node, secretTexts, (setting) => Object.hasOwn(written.settings, setting), position)
  const shapes = secrets && secretTexts.length > 0 ? withSecrets(node, settings, shape, secrets) : shape
  const wrong = shapes
    .map((fault) => settingFault(node, settings, fault, position))
    .filter(({ values }) => !unresolved.includes(String(values.setting)))
  const isSound = wrong.length === 0 && unresolved.length === 0
  const named = texts.flatMap(({ annotation, path, value }): NamedValue[] => {
    if (!annotation) return []
    if (annotation.kind !== 'asOf' || !isSound) return [{ annotation, path, value }]
    const date = resolveAsOf(value, asOf)
    replaceAt(settings, path, date)
    return [{ annotation, path, value: date }]
  })
  return {
    step: { node, settings, named, secrets: [...new Set(secretTexts.flatMap(({ value }) => secretNames(value)))] },
    faults: [...misplaced, ...wrong, ...(isSound ? referenceFaults(named, services, position) : [])],
  }
}

/** What stands at a path. */
const at = (settings: unknown, path: SettingPath): unknown =>
  path.reduce<unknown>((part, key) => (part as Record<string | number, unknown>)?.[key], settings) // the path leads to the culprit

function replaceAt(settings: Record<string, unknown>, path: SettingPath, text: string): void {
  const parent = at(settings, path.slice(0, -1)) as Record<string | number, unknown> // the path leads through containers
  parent[path.at(-1) ?? ''] = text
}

/** The faults of settings as the node receives them: the name of a secret is judged by what it stands for. */
function withSecrets(
  node: CatalogueNode,
  settings: Record<string, unknown>,
  faults: readonly ShapeFault[],
  secrets: Secrets,
): ShapeFault[] {
  const isSecret = ({ path }: ShapeFault) => {
    const value = at(settings, path)
    return typeof value === 'string' && namesSecret(value)
  }
  const revealed = shapeFaults(node.definition.params, secrets.reveal(settings)).filter(isSecret)
  return [...faults.filter((fault) => !isSecret(fault)), ...revealed]
}

function settingFault(
  node: CatalogueNode,
  settings: Record<string, unknown>,
  { kind, path, expected }: ShapeFault,
  position: PositionOf,
): PolkuError {
  const setting = path.join('.')
  if (kind === 'unknown')
    return new PolkuError(
      'SETTING_UNKNOWN',
      { node: node.name, setting, actual: setting, nearest: expected },
      position(path, 'key'),
    )
  if (kind === 'missing')
    return new PolkuError(
      'SETTING_MISSING',
      { node: node.name, setting, right: expected },
      position(path.slice(0, -1), 'key'),
    )
  const value = JSON.stringify(at(settings, path))?.slice(0, 200)
  return new PolkuError('SETTING_INVALID', { setting, value, actual: value, right: expected }, position(path))
}

/** Names of secrets where their values would become visible: in names, paths and expressions, and in a notebook's parameters. */
function misplacedSecrets(
  node: CatalogueNode,
  texts: readonly SettingText[],
  isWritten: (setting: string) => boolean,
  position: PositionOf,
): PolkuError[] {
  const misplaced = (reason: string, path: SettingPath) =>
    new PolkuError('SECRET_MISPLACED', { reason, actual: path.join('.') }, position(path))
  if (node.name.startsWith('notebook/')) {
    const settings = texts.filter(({ isKey, path }) => !isKey || path.length > 1).map(({ path }) => String(path[0]))
    return [...new Set(settings)]
      .filter(isWritten)
      .map((name) => misplaced('a notebook keeps its parameters in the executed notebook', [name]))
  }
  return texts
    .filter(({ annotation }) => annotation)
    .map(({ path }) => misplaced(`${path.join('.')} names a column, a file, a dataset, a model or a date`, path))
}

/** Dates that do not exist, paths that leave the workspace, models that are not there. */
function referenceFaults(
  named: readonly NamedValue[],
  { workspace, resolveModel }: BindServices,
  position: PositionOf,
): PolkuError[] {
  const work = ({ annotation, path, value }: NamedValue) => {
    if (annotation.kind === 'path') workspace.resolve(value)
    if (annotation.kind === 'model') resolveModel(value)
    if (annotation.kind === 'asOf' && /^\d{4}/.test(value) && !isDate(value)) {
      const right = 'A date that exists, such as 2026-10-01.'
      throw new PolkuError('SETTING_INVALID', { setting: path.join('.'), value, actual: value, right })
    }
  }
  return named.flatMap((each) => {
    try {
      work(each)
      return []
    } catch (error) {
      if (error instanceof PolkuError) return [error.at(position(each.path))]
      throw error
    }
  })
}

/** What the node receives: paths absolute, secrets by value. Throws PATH_OUTSIDE. */
export function nodeSettings(
  { settings, named, secrets: names }: BoundStep,
  workspace: Workspace,
  secrets?: Secrets,
): Record<string, unknown> {
  const received: Record<string, unknown> = structuredClone(settings)
  for (const { annotation, path, value } of named)
    if (annotation.kind === 'path') replaceAt(received, path, workspace.resolve(value))
  return secrets && names.length > 0 ? secrets.reveal(received) : received
}

/** The files that a step reads, by their paths in the workspace. */
export const filesRead = ({ named }: BoundStep): NamedValue[] =>
  named.filter(({ annotation }) => annotation.kind === 'path' && annotation.mode === 'read')

/** The first file that a step would read in vain, and the path of the setting that names it. */
export function missingFile(
  step: BoundStep,
  workspace: Workspace,
): { readonly error: PolkuError; readonly path: SettingPath } | undefined {
  for (const { path, value } of filesRead(step)) {
    try {
      workspace.requireFile(value)
    } catch (error) {
      if (error instanceof PolkuError) return { error, path }
      throw error
    }
  }
  return undefined
}
