/** What can go wrong with a workspace, a flow, a run, its data and its models. */
export const engineErrors = {
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
  NUMBER_ROUNDED: {
    message: 'The column {column} has numbers that JavaScript would round, such as {value}.',
    expected:
      'Ask for them as text, ``table.sql`select * replace (cast({quoted} as varchar) as {quoted}) from this` ``, or leave the column out.',
  },
  PUBLISH_UNCLEAR: { message: 'It is not clear where to publish: {reason}.', expected: '{right}' },
  PLAN_FAILED: { message: 'The step cannot work on these columns: {reason}', expected: '{right}' },

  STEP_FAILED: { message: 'The step failed: {reason}', expected: '{right}' },
  STEP_STOPPED: {
    message: 'The run was stopped, because {expression} holds ({values}).',
    expected: 'Mend the data, or change `stop`.',
  },
  STEP_TIMEOUT: {
    message: 'The step took longer than {seconds} s.',
    expected: 'A step that ends within its `timeout`, or a longer one.',
  },
  RUN_TIMEOUT: {
    message: 'The run took longer than {seconds} s.',
    expected: 'A run that ends within the flow’s `timeout`, or a longer one. Run it again: finished steps are kept.',
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
  MODEL_DIVERGED: {
    message: 'Training did not settle: {reason}.',
    expected: 'A lower learning rate, or columns without extreme values.',
  },
  MODEL_WORKER_DIED: {
    message: 'The training process died: {reason}.',
    expected: 'Fewer rows, a smaller network or more memory.',
  },
} as const
