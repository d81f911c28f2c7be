/** Whether the system has refused with one of these codes: `isSystemError(error, 'ENOENT', 'ENOTDIR')`. */
export const isSystemError = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.includes(String(error.code))
