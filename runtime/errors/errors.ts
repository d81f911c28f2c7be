import type { ProblemRecord } from './problem.ts'
import { accessErrors } from './table/access.ts'
import { dataErrors } from './table/data.ts'
import type { ErrorEntry } from './table/entry.ts'
import { flowErrors } from './table/flow.ts'
import { modelErrors } from './table/model.ts'
import { nodeErrors } from './table/node.ts'
import { notebookErrors } from './table/notebook.ts'
import { requestErrors } from './table/request.ts'
import { runErrors } from './table/run.ts'
import { serviceErrors } from './table/service.ts'
import { stepErrors } from './table/step.ts'
import { workspaceErrors } from './table/workspace.ts'

/** What can go wrong, by theme: the first line of each file says what belongs there. */
export const errorThemes = {
  workspace: workspaceErrors,
  flow: flowErrors,
  step: stepErrors,
  node: nodeErrors,
  data: dataErrors,
  model: modelErrors,
  notebook: notebookErrors,
  run: runErrors,
  service: serviceErrors,
  access: accessErrors,
  request: requestErrors,
} as const

type Themes = typeof errorThemes
export type ErrorCode = { [Theme in keyof Themes]: keyof Themes[Theme] }[keyof Themes]
const errorTable: Readonly<Record<ErrorCode, ErrorEntry>> = Object.assign({}, ...Object.values(errorThemes))

export type ErrorValues = Record<string, string | number | undefined>

export interface Position {
  readonly file?: string
  readonly line?: number
  readonly column?: number
  readonly step?: string
}

/** Fills `{name}` with values; an absent value leaves nothing. */
export const fill = (template: string, values: ErrorValues): string =>
  template.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? '')).trim()

/** An error of the table, with its position. Its `actual` is the value `actual` where there is one. */
export class PolkuError extends Error {
  readonly code: ErrorCode
  readonly values: ErrorValues
  readonly position: Position
  constructor(code: ErrorCode, values: ErrorValues = {}, position: Position = {}, cause?: unknown) {
    super(fill(errorTable[code].message, values), cause === undefined ? undefined : { cause })
    this.code = code
    this.values = values
    this.position = position
  }

  /** What the table says of its code. */
  get entry(): ErrorEntry {
    return errorTable[this.code]
  }

  /** The same error at a position, as far as it has none of its own: one that names a file takes no line of another. */
  at(position: Position): PolkuError {
    const isElsewhere = this.position.file !== undefined && this.position.file !== position.file
    const outer = isElsewhere ? { step: position.step } : position
    return new PolkuError(this.code, this.values, { ...outer, ...this.position }, this.cause)
  }

  toProblem(): ProblemRecord {
    const { file, line, column, step } = this.position
    const actual = this.values.actual === undefined ? undefined : String(this.values.actual)
    const expected = fill(this.entry.expected, this.values) || undefined
    // A node's own errors carry a code of their own, `segment/rfm:tooFew`.
    const code = this.code === 'NODE_ERROR' && this.values.code ? String(this.values.code) : this.code
    const problem = { code, message: this.message, file, line, column, step, actual, expected }
    return Object.fromEntries(Object.entries(problem).filter(([, value]) => value !== undefined)) as ProblemRecord // undefined fields are dropped, the rest is typed above
  }
}

/** Several faults of one flow, reported at once. */
export class PolkuErrors extends Error {
  readonly errors: readonly PolkuError[]
  constructor(errors: readonly PolkuError[]) {
    super(errors.map((error) => error.message).join('\n'))
    this.errors = errors
  }
}

/** An error of the table, or several, without what `secrets` takes out; any other as its text and its stack. */
export function redacted(error: unknown, secrets: { redact<Value>(value: Value): Value }): unknown {
  const clean = ({ code, values, position }: PolkuError) => new PolkuError(code, secrets.redact(values), position)
  if (error instanceof PolkuErrors) return new PolkuErrors(error.errors.map(clean))
  if (error instanceof PolkuError) return clean(error)
  if (!(error instanceof Error)) return secrets.redact(error)
  return Object.assign(new Error(secrets.redact(error.message)), { stack: secrets.redact(error.stack) })
}

const systemErrors: Record<string, ErrorCode> = {
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  EACCES: 'WORKSPACE_NOT_WRITABLE',
  EPERM: 'WORKSPACE_NOT_WRITABLE',
  EROFS: 'WORKSPACE_NOT_WRITABLE',
}

/** Turns what the system or DuckDB threw into an error of the table where its cause is known; other errors come back unchanged. */
export function asPolkuError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || error instanceof PolkuError || error instanceof PolkuErrors) return error
  const systemCode = 'code' in error && typeof error.code === 'string' ? systemErrors[error.code] : undefined
  if (systemCode) return new PolkuError(systemCode, { path, reason: error.message }, {}, error)
  if (/No space left on device/.test(error.message)) return new PolkuError('DISK_FULL', { path }, {}, error)
  if (/Permission denied|Read-only file system/.test(error.message))
    return new PolkuError('WORKSPACE_NOT_WRITABLE', { path, reason: error.message.split('\n')[0] }, {}, error)
  return error
}
