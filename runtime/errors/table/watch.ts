/** What can go wrong with watching and cleaning. */
export const watchErrors = {
  ALERT_SETTING: { message: 'The setting {name} cannot be used.', expected: '{right}' },
  RETENTION_MISSING: {
    message: 'Nothing says what of {workspace} may be cleaned.',
    expected: 'retention: { days: 90, gigabytes: 50 } in client.yaml, or --days and --gigabytes.',
  },
} as const
