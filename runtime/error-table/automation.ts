/** What can go wrong with what runs by itself: schedules, triggers, backfills and runs that start others. */
export const automationErrors = {
  SCHEDULE_CRON: { message: 'The schedule {cron} cannot be read: {reason}.', expected: '{right}' },
  SCHEDULE_ZONE: {
    message: 'There is no time zone {timezone}.',
    expected: 'A name of the time zone database, such as Europe/Helsinki.',
  },
  SCHEDULE_NEVER: { message: 'The schedule {cron} is never due.', expected: 'A day that some month has.' },
  TRIGGER_INVALID: { message: 'The trigger cannot be used: {reason}.', expected: '{right}' },
  TRIGGER_CIRCLE: {
    message: 'The flows start each other without end: {path}.',
    expected: 'Triggers that come to an end.',
  },
} as const
