// A node itself: what its author has to mend, and what it says of its input.
import type { ErrorEntries } from './entry.ts'

export const nodeErrors = {
  NODE_UNKNOWN: { message: 'There is no node {node}.', expected: '{nearest}', status: 422, addressed: 'node' },
  NODE_INVALID: { message: 'The node {node} cannot be used: {reason}', expected: '{right}', status: 422 },
  NODE_SQL: { message: 'The SQL of the node {node} cannot be done: {reason}', expected: '{right}', status: 422 },
  NODE_TYPES: {
    message: 'The types of the node’s code do not fit: {reason}',
    expected: 'Code that TypeScript accepts; an editor marks the same.',
    status: 422,
  },
  NODE_FAILED: {
    message: 'The code of the node {node} failed: {reason}',
    expected:
      'Code that does not throw. What is wrong with its input a node says by context.fail(), with an error that it declares.',
    status: 422,
  },
  NODE_ERROR: { message: '{message}', expected: '', status: 422 },
  OUTPUT_MISMATCH: {
    message: 'The node {node} promised {promised} for its output {output} and gave {actual}.',
    expected: 'A plan that types the output as run makes it.',
    status: 422,
  },
} as const satisfies ErrorEntries
