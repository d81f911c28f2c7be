// Models: training, publishing, approving and using them.
import type { ErrorEntries } from './entry.ts'

export const modelErrors = {
  MODEL_UNKNOWN: { message: 'There is no model {model}.', expected: '{nearest}', status: 422, addressed: 'model' },
  MODEL_NOT_APPROVED: {
    message: 'No version of the model {model} is approved.',
    expected:
      'Approve one with `polku approve model {model}@VERSION --report FILE --by NAME`, or use {model}@draft while trying out.',
    status: 422,
  },
  MODEL_APPROVAL_LAPSED: {
    message: 'The approval of {model} by {by} no longer holds: {reason}.',
    expected:
      'Read the report of a new run and approve with `polku approve model {model} --report FILE --by NAME`, or use {name}@draft while trying out.',
    status: 422,
  },
  REPORT_UNRELATED: {
    message: 'The report {report} cannot carry an approval of {model}: {reason}.',
    expected: 'The report of a run or a notebook that trained or used {model}.',
    status: 422,
  },
  EVIDENCE_CHANGED: {
    message: 'The report {report} is of another state of the {kind} {path}, which has {change} since.',
    expected: 'Run it again, read the new report and approve on that.',
    status: 422,
  },
  MODEL_DAMAGED: {
    message: 'The model {model} is damaged: {reason}.',
    expected: 'Train it again, or restore its folder from a copy.',
    status: 409,
  },
  MODEL_MISFIT: { message: 'The model {model} cannot be published: {reason}.', expected: '{right}', status: 422 },
  MODEL_DISAGREES: {
    message:
      'The model {model} scores otherwise in a flow than in the notebook: by up to {difference} (row {row}: {flow} and {notebook}).',
    expected: 'Scores within 0.000001: a preprocessing that is all that the notebook does before it predicts.',
    status: 422,
  },
  MODEL_DIVERGED: {
    message: 'Training did not settle: {reason}.',
    expected: 'A lower learning rate, or columns without extreme values.',
    status: 422,
  },
  MODEL_WORKER_DIED: {
    message: 'The training process died: {reason}.',
    expected: 'Fewer rows, a smaller network or more memory.',
    status: 422,
  },
} as const satisfies ErrorEntries
