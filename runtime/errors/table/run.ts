// A run on its way or past, and several runs of one request: for_each and backfills.
import type { ErrorEntries } from './entry.ts'

export const runErrors = {
  STEP_FAILED: { message: 'The step failed: {reason}', expected: '{right}', status: 422 },
  STEP_STOPPED: {
    message: 'The run was stopped, because {expression} holds ({values}).',
    expected: 'Mend the data, or change `stop`.',
    status: 422,
  },
  STEP_TIMEOUT: {
    message: 'The step took longer than {seconds} s.',
    expected: 'A step that ends within its `timeout`, or a longer one.',
    status: 422,
    transient: true,
  },
  RUN_TIMEOUT: {
    message: 'The run took longer than {seconds} s.',
    expected: 'A run that ends within the flow’s `timeout`, or a longer one. Run it again: finished steps are kept.',
    status: 422,
  },
  RUN_CANCELLED: { message: 'The run was cancelled.', expected: 'Run it again: finished steps are kept.', status: 422 },
  RUN_CRASHED: {
    message: 'The process of the run ended {times} times before the run was done: {reason}.',
    expected: 'A step that does not end its process. Finished steps are kept: run it again once it is mended.',
    status: 422,
  },
  RUN_MEMORY: {
    message: 'The run took {actual} of memory, and may take {limit}.',
    expected: 'Fewer columns or rows at once, or more with runs.memory in client.yaml.',
    status: 422,
  },
  RUN_UNKNOWN: { message: 'There is no run {run}.', expected: '{nearest}', status: 422, addressed: 'run' },
  RUN_FINISHED: {
    message: 'The run {run} has ended already: it is {state}.',
    expected: 'A run that has not ended.',
    status: 409,
  },
  RUN_UNFINISHED: {
    message: 'The run {run} has not ended: it is {state}.',
    expected: 'A run that has ended; this one can be cancelled.',
    status: 409,
  },
  RUN_NOT_BEGUN: {
    message: 'The run {run} has left no record: it has not begun, or what it left was cleaned away.',
    expected: 'A run that has begun.',
    status: 422,
    addressed: 'run',
  },
  RUN_RECORD_INVALID: {
    message: 'The record of the run {run} is not one that this Polku writes.',
    expected: 'A run of this version of Polku; its folder lies in .polku/runs.',
    status: 500,
  },
  FOR_EACH_MANY: {
    message: 'There are more than {most} items.',
    expected: 'At most {most}: fewer rows, or several steps.',
    status: 422,
  },
  FOR_EACH_FAILED: {
    message: '{failed} of {count} runs of {flow} were not done; the first is {run}: {reason}',
    expected: 'Runs that are done, or on_failure: continue.',
    status: 422,
  },
  GATHER_COLUMNS: {
    message: 'The run {run} gave {gather} with the columns {actual}.',
    expected: 'The columns that the other runs give: {right}.',
    status: 422,
  },
  BACKFILL_RANGE: { message: 'The backfill cannot be done: {reason}.', expected: '{right}', status: 422 },
  BACKFILL_UNKNOWN: {
    message: 'There is no backfill {backfill} that goes on.',
    expected: 'One that the list of backfills shows.',
    status: 422,
    addressed: 'backfill',
  },
} as const satisfies ErrorEntries
