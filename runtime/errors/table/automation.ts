/** What can go wrong with what runs by itself: schedules, triggers, backfills and runs that start others. */
export const automationErrors = {
  SCHEDULE_CRON: { message: 'The schedule {cron} cannot be read: {reason}.', expected: '{right}' },
  SCHEDULE_ZONE: {
    message: 'There is no time zone {timezone}.',
    expected: 'A name of the time zone database, such as Europe/Helsinki.',
  },
  SCHEDULE_NEVER: { message: 'The schedule {cron} is never due.', expected: 'A day that some month has.' },
  SCHEDULE_UNKNOWN: { message: 'The flow {flow} has neither a schedule nor triggers.', expected: '{nearest}' },
  TRIGGER_INVALID: { message: 'The trigger cannot be used: {reason}.', expected: '{right}' },
  TRIGGER_CIRCLE: {
    message: 'The flows start each other without end: {path}.',
    expected: 'Triggers that come to an end.',
  },
  BACKFILL_RANGE: { message: 'The backfill cannot be done: {reason}.', expected: '{right}' },
  BACKFILL_UNKNOWN: {
    message: 'There is no backfill {backfill} that goes on.',
    expected: 'One that the list of backfills shows.',
  },
  FOR_EACH_INVALID: { message: 'The flow cannot be run for each: {reason}.', expected: '{right}' },
  FOR_EACH_CIRCLE: {
    message: 'The flows run each other without end: {path}.',
    expected: 'Flows that come to an end.',
  },
  FOR_EACH_MANY: {
    message: 'There are more than {most} items.',
    expected: 'At most {most}: fewer rows, or several steps.',
  },
  FOR_EACH_FAILED: {
    message: '{failed} of {count} runs of {flow} were not done; the first is {run}: {reason}',
    expected: 'Runs that are done, or on_failure: continue.',
  },
  GATHER_UNKNOWN: {
    message: 'The columns of {gather} are not known before the flow {flow} runs: {reason}',
    expected: 'A default for each parameter that an item gives, by which the columns are found.',
  },
  GATHER_COLUMNS: {
    message: 'The run {run} gave {gather} with the columns {found}.',
    expected: 'The columns that the other runs give: {right}.',
  },
  CHECK_CRASHED: {
    message: 'The process that checked the flow {flow} ended or took longer than a minute: {reason}.',
    expected: 'Nodes that can be loaded without work, and steps that can be typed.',
  },
} as const
