// Datasets and tables that are stored.
import type { ErrorEntries } from './entry.ts'

export const dataErrors = {
  DATASET_UNKNOWN: {
    message: 'There is no dataset {dataset}.',
    expected: '{nearest}',
    status: 422,
    addressed: 'dataset',
  },
  DATASET_KEY_TAKEN: {
    message: 'The dataset {dataset} already holds {key} with other content ({actual} rows then, {rows} rows now).',
    expected: 'The same content, or another key: a snapshot is never rewritten.',
    status: 409,
  },
  DATASET_SCHEMA: {
    message: 'The rows do not fit the dataset {dataset}: {reason}',
    expected: 'The columns it has: {right}.',
    status: 422,
  },
  SNAPSHOT_UNKNOWN: {
    message: 'The dataset {dataset} has no such snapshot.',
    expected: 'One that the list of snapshots shows.',
    status: 422,
    addressed: 'dataset',
  },
  TABLE_GONE: {
    message: 'The rows of {table} are not there any more.',
    expected: 'The run done again; what no dataset, model or report needs is cleaned away after a while.',
    status: 422,
    addressed: 'output',
  },
  TABLE_SLOW: {
    message: 'It took longer than {seconds} s to look at the table.',
    expected: 'Fewer columns at once, or a smaller offset.',
    status: 503,
  },
} as const satisfies ErrorEntries
