import type { ProblemRecord } from './run/record.ts'

// The one table of error codes. `message` says what happened, `expected` what would be right;
// {placeholders} are filled from the values given where the error is raised.

const errorTable = {
  USAGE: { message: '{reason}', expected: 'See `polku --help`.' },
  INTERNAL: {
    message: 'Polku failed: {reason}',
    expected: 'This is a fault of Polku, not of the flow. Please report it with the stack below.',
  },

  WORKSPACE_NOT_FOUND: {
    message: 'There is no workspace in {folder}.',
    expected: 'A folder with a client.yaml. Name it with --workspace DIR, or make one with `polku new client NAME`.',
  },
  WORKSPACE_INVALID: { message: 'client.yaml is not right: {reason}', expected: '{right}' },
  WORKSPACE_NOT_WRITABLE: {
    message: 'The workspace cannot be written: {path} ({reason}).',
    expected: 'A folder that the user who runs Polku may write.',
  },
  DISK_FULL: {
    message: 'The disk is full: {path}.',
    expected: 'Free some space and run again; finished steps are kept and are not done twice.',
  },
  ALREADY_EXISTS: { message: '{path} exists already.', expected: 'Choose another name, or remove it first.' },
  NAME_INVALID: { message: '{name} cannot be a name.', expected: '{right}' },
  PATH_OUTSIDE: {
    message: 'The path {path} leaves the workspace.',
    expected: 'A path inside the workspace, relative to it, such as data/customers.csv.',
  },
  PATH_PATTERN: {
    message: 'The path {path} has * or ? in it, or [ in the name of a folder.',
    expected:
      'The name of one file without these signs, which stand for several names; several files are several steps.',
  },
  FILE_NOT_FOUND: { message: 'There is no file {path}.', expected: '{nearest}' },
  FILE_UNREADABLE: { message: 'The file {path} cannot be read: {reason}.', expected: 'A readable regular file.' },

  FLOW_NOT_FOUND: { message: 'There is no flow {flow}.', expected: '{nearest}' },
  FLOW_NOT_YAML: { message: 'This is not valid YAML: {reason}', expected: 'A YAML file with flow, params and steps.' },
  FLOW_TOO_LARGE: { message: 'The flow is {found} long.', expected: 'A flow of at most 1 MB.' },
  FLOW_SHAPE: { message: '{reason}', expected: '{right}' },
  FLOW_UNKNOWN_KEY: { message: 'There is no key {key} in {where}.', expected: '{nearest}' },
  PARAM_UNKNOWN: { message: 'The flow has no parameter {param}.', expected: '{nearest}' },
  PARAM_MISSING: { message: 'The parameter {param} has no value.', expected: 'Give it with --param {param}=…' },
  PARAM_INVALID: { message: 'The parameter {param} is {value}.', expected: '{right}' },
  AS_OF_INVALID: { message: 'The as-of date is {value}.', expected: 'A date such as 2026-10-01.' },

  NODE_UNKNOWN: { message: 'There is no node {node}.', expected: '{nearest}' },
  NODE_INVALID: { message: 'The node {node} cannot be used: {reason}', expected: '{right}' },
  STEP_UNKNOWN: { message: 'There is no step {step}.', expected: '{nearest}' },
  STEP_CYCLE: {
    message: 'The steps feed each other in a circle: {path}.',
    expected: 'Steps that only use earlier results.',
  },
  OUTPUT_UNKNOWN: { message: 'The step {step} ({node}) has no output {output}.', expected: '{nearest}' },
  INPUT_UNKNOWN: { message: 'The node {node} has no input {input}.', expected: '{nearest}' },
  INPUT_MISSING: { message: 'Nothing is given for the input {input} of {node}.', expected: '{right}' },
  INPUT_NOT_TABLE: {
    message: 'The input {input} is {value}, not a table.',
    expected: '{right}',
  },
  INPUT_NOT_TAKEN: { message: 'The node {node} takes no input.', expected: 'A step without `from`.' },
  SETTING_UNKNOWN: { message: 'The node {node} has no setting {setting}.', expected: '{nearest}' },
  SETTING_MISSING: { message: 'The setting {setting} of {node} is missing.', expected: '{right}' },
  SETTING_INVALID: { message: 'The setting {setting} is {value}.', expected: '{right}' },
  REFERENCE_UNKNOWN: { message: 'There is nothing called {reference}.', expected: '{nearest}' },
  METRIC_UNKNOWN: { message: 'The step {step} ({node}) gives no metric {metric}.', expected: '{nearest}' },
  STOP_INVALID: { message: 'The stop condition {expression} cannot be used: {reason}', expected: '{right}' },

  COLUMN_UNKNOWN: { message: 'The table {table} has no column {column}.', expected: '{nearest}' },
  COLUMN_TYPE: { message: 'The column {column} of {table} is {type}.', expected: 'A column of {right}.' },
  EXPRESSION_SYNTAX: {
    message: 'The expression {expression} cannot be read: {reason}',
    expected: 'One scalar SQL expression.',
  },
  EXPRESSION_NOT_SCALAR: {
    message: 'The expression {expression} contains {reason}.',
    expected:
      'One scalar SQL expression over the columns of the step’s input: no subquery, aggregate, window, file or second statement.',
  },
  EXPRESSION_FUNCTION: {
    message: 'The expression {expression} uses {function}, which is not allowed here{reason}.',
    expected: '{nearest}',
  },
  EXPRESSION_TYPE: {
    message: 'The expression {expression} gives {type}.',
    expected: 'An expression that gives {right}.',
  },
  EXPRESSION_BIND: {
    message: 'The expression {expression} does not fit the table {table}: {reason}',
    expected: '{nearest}',
  },
  SQL_INVALID: { message: 'The query cannot be done: {reason}', expected: '{right}' },
  FIGURE_INVALID: { message: 'This figure cannot be drawn: {reason}', expected: '{right}' },
  TABLE_INVALID: { message: 'This cannot be made a table: {reason}', expected: '{right}' },
  PUBLISH_UNCLEAR: { message: 'It is not clear where to publish: {reason}.', expected: '{right}' },
  PLAN_FAILED: { message: 'The step cannot work on these columns: {reason}', expected: '{right}' },

  STEP_FAILED: { message: 'The step failed: {reason}', expected: '{right}' },
  STEP_STOPPED: {
    message: 'The run was stopped, because {expression} holds ({values}).',
    expected: 'Mend the data, or change `stop`.',
  },
  NODE_ERROR: { message: '{message}', expected: '' },
  RUN_UNKNOWN: { message: 'There is no run {run}.', expected: '{nearest}' },
  RUN_CANCELLED: { message: 'The run was cancelled.', expected: 'Run it again: finished steps are kept.' },
  OUTPUT_MISMATCH: {
    message: 'The node {node} promised {promised} for its output {output} and gave {given}.',
    expected: 'A plan that types the output as run makes it.',
  },

  DATASET_UNKNOWN: { message: 'There is no dataset {dataset}.', expected: '{nearest}' },
  DATASET_KEY_TAKEN: {
    message: 'The dataset {dataset} already holds {key} with other content ({found} rows then, {given} rows now).',
    expected: 'The same content, or another key: a snapshot is never rewritten.',
  },
  DATASET_SCHEMA: {
    message: 'The rows do not fit the dataset {dataset}: {reason}',
    expected: 'The columns it has: {right}.',
  },
  KERNEL_NOT_INSTALLED: {
    message: 'The kernel cannot be installed in {path}: {reason}.',
    expected: 'A folder that you may write: your own with --user, or another with --prefix DIR.',
  },
  MODEL_UNKNOWN: { message: 'There is no model {model}.', expected: '{nearest}' },
  MODEL_NOT_APPROVED: {
    message: 'No version of the model {model} is approved.',
    expected:
      'Approve one with `polku approve model {model}@VERSION --report FILE --by NAME`, or use {model}@draft while trying out.',
  },
  MODEL_APPROVAL_LAPSED: {
    message: 'The approval of {model} by {by} no longer holds: {reason}.',
    expected:
      'Read the report of a new run and approve with `polku approve model {model} --report FILE --by NAME`, or use {name}@draft while trying out.',
  },
  REPORT_UNRELATED: {
    message: 'The report {report} cannot carry an approval of {model}: {reason}.',
    expected: 'The report of a run or a notebook that trained or used {model}.',
  },
  EVIDENCE_CHANGED: {
    message: 'The report {report} is of another state of the {kind} {path}, which has {change} since.',
    expected: 'Run it again, read the new report and approve on that.',
  },
  MODEL_DAMAGED: {
    message: 'The model {model} is damaged: {reason}.',
    expected: 'Train it again, or restore its folder from a copy.',
  },
  MODEL_MISFIT: { message: 'The model {model} cannot be published: {reason}.', expected: '{right}' },
  MODEL_DISAGREES: {
    message:
      'The model {model} scores otherwise in a flow than in the notebook: by up to {difference} (row {row}: {flow} and {notebook}).',
    expected: 'Scores within 0.000001: a preprocessing that is all that the notebook does before it predicts.',
  },
  TABLE_REPEATED: {
    message: 'The table {name} was published already in this run.',
    expected: 'Another name for each table.',
  },
  MODEL_DIVERGED: {
    message: 'Training did not settle: {reason}.',
    expected: 'A lower learning rate, or columns without extreme values.',
  },
  MODEL_WORKER_DIED: {
    message: 'The training process died: {reason}.',
    expected: 'Fewer rows, a smaller network or more memory.',
  },

  NOTEBOOK_INVALID: {
    message: 'This is not a notebook: {reason}',
    expected: 'A Jupyter notebook (.ipynb) of nbformat 4.',
  },
  NOTEBOOK_FORMAT: {
    message: 'The notebook is of nbformat {found}.',
    expected: 'nbformat 4. Open it in Jupyter and save it, or run `jupyter nbconvert --to notebook FILE`.',
  },
  NOTEBOOK_PARAM_UNKNOWN: { message: 'The notebook has no parameter {param}.', expected: '{nearest}' },
  NOTEBOOK_PARAM_LANGUAGE: {
    message: 'The parameters of a notebook in {language} cannot be set.',
    expected: 'A notebook in TypeScript, JavaScript or Python, or a run without --param.',
  },
  NOTEBOOK_CELL_FAILED: {
    message: 'Cell {cell} failed: {reason}\n{details}',
    expected: 'Mend the cell and run again. What ran before it is kept in {out}.',
  },
  NOTEBOOK_CELL_TIMEOUT: {
    message: 'Cell {cell} was stopped: it ran longer than {limit}.',
    expected: 'A faster cell, or a longer --cell-timeout. What ran before it is kept in {out}.',
  },
  NOTEBOOK_TIMEOUT: {
    message: 'The notebook was stopped in cell {cell}: it ran longer than {limit}.',
    expected: 'A faster notebook, or a longer --timeout. What ran before is kept in {out}.',
  },
  NOTEBOOK_MEMORY: {
    message: 'The notebook was stopped in cell {cell}: its kernel took {found}, and may take {limit}.',
    expected: 'Leave large tables in DuckDB, or allow more with --memory. What ran before is kept in {out}.',
  },
  NOTEBOOK_CANCELLED: {
    message: 'The notebook was cancelled in cell {cell}.',
    expected: 'Run it again. What ran before is kept in {out}.',
  },
  KERNEL_UNKNOWN: { message: 'There is no kernel {kernel}.', expected: '{nearest}' },
  KERNEL_INVALID: {
    message: 'The kernel {kernel} cannot be used: {reason}',
    expected: 'A kernel.json with argv, display_name and language. Install the kernel again.',
  },
  KERNEL_START: {
    message: 'The kernel {kernel} died while it was starting: {reason}',
    expected: 'Try its command by hand: {command}',
  },
  KERNEL_NOT_READY: {
    message: 'The kernel {kernel} did not answer within {limit}.',
    expected: 'A kernel that starts. Try its command by hand: {command}',
  },
  KERNEL_DIED: {
    message: 'The kernel died in cell {cell}: {reason}',
    expected: 'A cell that does not end its kernel. What ran before is kept in {out}.',
  },

  PDF_NO_BROWSER: {
    message: 'A PDF needs a Chromium, and none was found.',
    expected: 'Chromium, Chrome or Edge on the PATH. Any browser prints the HTML report as well.',
  },
  PDF_FAILED: {
    message: '{browser} could not print the report: {reason}',
    expected: 'Open the HTML report in a browser and print it there.',
  },
} as const

export type ErrorCode = keyof typeof errorTable
export type ErrorValues = Record<string, string | number | undefined>

export interface Place {
  readonly file?: string
  readonly line?: number
  readonly column?: number
  readonly step?: string
}

/** Fills `{name}` with values; an absent value leaves nothing. */
export const fill = (template: string, values: ErrorValues): string =>
  template.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? '')).trim()

/** An error of the table, with its place. Its `found` is the value `found` where given. */
export class PolkuError extends Error {
  readonly code: ErrorCode
  readonly values: ErrorValues
  readonly place: Place
  constructor(code: ErrorCode, values: ErrorValues = {}, place: Place = {}, cause?: unknown) {
    super(fill(errorTable[code].message, values), cause === undefined ? undefined : { cause })
    this.code = code
    this.values = values
    this.place = place
  }

  /** The same error at a more exact place. */
  at(place: Place): PolkuError {
    return new PolkuError(this.code, this.values, { ...place, ...this.place }, this.cause)
  }

  toProblem(): ProblemRecord {
    const { file, line, column, step } = this.place
    const found = this.values.found === undefined ? undefined : String(this.values.found)
    const expected = fill(errorTable[this.code].expected, this.values) || undefined
    // A node's own errors carry a code of their own, `segment/rfm:tooFew`.
    const code = this.code === 'NODE_ERROR' && this.values.code ? String(this.values.code) : this.code
    const problem = { code, message: this.message, file, line, column, step, found, expected }
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

const systemErrors: Record<string, ErrorCode> = {
  ENOSPC: 'DISK_FULL',
  EDQUOT: 'DISK_FULL',
  EACCES: 'WORKSPACE_NOT_WRITABLE',
  EPERM: 'WORKSPACE_NOT_WRITABLE',
  EROFS: 'WORKSPACE_NOT_WRITABLE',
}

/** Turns what the system or DuckDB threw into an error of the table where its cause is known; other errors come back unchanged. */
export function known(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || error instanceof PolkuError || error instanceof PolkuErrors) return error
  const systemCode = 'code' in error && typeof error.code === 'string' ? systemErrors[error.code] : undefined
  if (systemCode) return new PolkuError(systemCode, { path, reason: error.message }, {}, error)
  if (/No space left on device/.test(error.message)) return new PolkuError('DISK_FULL', { path }, {}, error)
  if (/Permission denied|Read-only file system/.test(error.message))
    return new PolkuError('WORKSPACE_NOT_WRITABLE', { path, reason: error.message.split('\n')[0] }, {}, error)
  return error
}
