// A step as it is written in a flow or called in a notebook, before it runs: inputs, settings, columns, expressions.
import type { ErrorEntries } from './entry.ts'

export const stepErrors = {
  STEP_UNKNOWN: { message: 'There is no step {step}.', expected: '{nearest}', status: 422, addressed: 'step' },
  STEP_CYCLE: {
    message: 'The steps feed each other in a circle: {path}.',
    expected: 'Steps that only use earlier results.',
    status: 422,
  },
  OUTPUT_UNKNOWN: {
    message: 'The step {step} ({node}) has no output {output}.',
    expected: '{nearest}',
    status: 422,
    addressed: 'output',
  },
  INPUT_UNKNOWN: { message: 'The node {node} has no input {input}.', expected: '{nearest}', status: 422 },
  INPUT_MISSING: { message: 'Nothing is given for the input {input} of {node}.', expected: '{right}', status: 422 },
  INPUT_NOT_TABLE: { message: 'The input {input} is {value}, not a table.', expected: '{right}', status: 422 },
  INPUT_NOT_TAKEN: { message: 'The node {node} takes no input.', expected: 'A step without `from`.', status: 422 },
  SETTING_UNKNOWN: { message: 'The node {node} has no setting {setting}.', expected: '{nearest}', status: 422 },
  SETTING_MISSING: { message: 'The setting {setting} of {node} is missing.', expected: '{right}', status: 422 },
  SETTING_INVALID: { message: 'The setting {setting} is {value}.', expected: '{right}', status: 422 },
  REFERENCE_UNKNOWN: { message: 'There is nothing called {reference}.', expected: '{nearest}', status: 422 },
  METRIC_UNKNOWN: { message: 'The step {step} ({node}) gives no metric {metric}.', expected: '{nearest}', status: 422 },
  STOP_INVALID: {
    message: 'The stop condition {expression} cannot be used: {reason}',
    expected: '{right}',
    status: 422,
  },
  COLUMN_UNKNOWN: { message: 'The table {table} has no column {column}.', expected: '{nearest}', status: 422 },
  COLUMN_TYPE: { message: 'The column {column} of {table} is {type}.', expected: 'A column of {right}.', status: 422 },
  EXPRESSION_SYNTAX: {
    message: 'The expression {expression} cannot be read: {reason}',
    expected: 'One scalar SQL expression.',
    status: 422,
  },
  EXPRESSION_NOT_SCALAR: {
    message: 'The expression {expression} contains {reason}.',
    expected:
      'One scalar SQL expression over the columns of the step’s input: no subquery, aggregate, window, file or second statement.',
    status: 422,
  },
  EXPRESSION_FUNCTION: {
    message: 'The expression {expression} uses {function}, which is not allowed here{reason}.',
    expected: '{nearest}',
    status: 422,
  },
  EXPRESSION_TYPE: {
    message: 'The expression {expression} gives {type}.',
    expected: 'An expression that gives {right}.',
    status: 422,
  },
  EXPRESSION_BIND: {
    message: 'The expression {expression} does not fit the table {table}: {reason}',
    expected: '{nearest}',
    status: 422,
  },
  PLAN_FAILED: { message: 'The step cannot work on these columns: {reason}', expected: '{right}', status: 422 },
  FOR_EACH_INVALID: { message: 'The flow cannot be run for each: {reason}.', expected: '{right}', status: 422 },
  FOR_EACH_CIRCLE: {
    message: 'The flows run each other without end: {path}.',
    expected: 'Flows that come to an end.',
    status: 422,
  },
  GATHER_UNKNOWN: {
    message: 'The columns of {gather} are not known before the flow {flow} runs: {reason}',
    expected: 'A default for each parameter that an item gives, by which the columns are found.',
    status: 422,
  },
} as const satisfies ErrorEntries
