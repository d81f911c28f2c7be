import type { ErrorCode, PolkuError } from '../../errors/errors.ts'

/** The part of an address that each of these says there is nothing of. What a body names wrongly is a fault of the body. */
const named: Partial<Record<ErrorCode, string>> = {
  CLIENT_UNKNOWN: 'client',
  FLOW_NOT_FOUND: 'flow',
  FLOW_VERSION_UNKNOWN: 'flow',
  SCHEDULE_UNKNOWN: 'flow',
  NODE_UNKNOWN: 'node',
  RUN_UNKNOWN: 'run',
  RUN_NOT_BEGUN: 'run',
  STEP_UNKNOWN: 'step',
  OUTPUT_UNKNOWN: 'output',
  TABLE_GONE: 'output',
  DATASET_UNKNOWN: 'dataset',
  SNAPSHOT_UNKNOWN: 'dataset',
  MODEL_UNKNOWN: 'model',
  BACKFILL_UNKNOWN: 'backfill',
  FILE_NOT_FOUND: 'path',
  FILE_UNREADABLE: 'path',
  PATH_OUTSIDE: 'path',
  PERSON_UNKNOWN: 'person',
  TOKEN_UNKNOWN: 'token',
  SECRET_NOT_THERE: 'name',
}

const statuses: Partial<Record<ErrorCode, number>> = {
  BODY_MALFORMED: 400,
  NOT_SIGNED_IN: 401,
  NOT_ALLOWED: 403,
  FORGED_REQUEST: 403,
  OWN_RIGHTS: 403,
  ADMINISTRATOR_LIMITED: 403,
  APPROVER_PUBLISHED: 403,
  ROUTE_UNKNOWN: 404,
  ALREADY_EXISTS: 409,
  DATASET_KEY_TAKEN: 409,
  EMAIL_TAKEN: 409,
  FLOW_CHANGED: 409,
  LAST_ADMINISTRATOR: 409,
  MODEL_DAMAGED: 409,
  RUN_FINISHED: 409,
  RUN_GOES_ON: 409,
  WORKSPACE_INVALID: 409,
  BODY_TOO_LARGE: 413,
  MEDIA_TYPE: 415,
  TOO_MANY_REQUESTS: 429,
  INTERNAL: 500,
  RUN_RECORD_INVALID: 500,
  SECRET_KEY_WRONG: 500,
  DATABASE_UNREACHABLE: 503,
  TABLE_SLOW: 503,
  WORKSPACE_NOT_FOUND: 503,
  WORKSPACE_NOT_WRITABLE: 503,
  DISK_FULL: 507,
}

/**
 * The status of an answer with this error: 404 for what the address names and is not there, and 422, a fault of what
 * was asked, wherever nothing else is said. `params` are the names in the address.
 */
export function statusOf({ code }: PolkuError, params: Readonly<Record<string, unknown>>): number {
  const part = named[code]
  if (part !== undefined && Object.hasOwn(params, part)) return 404
  return statuses[code] ?? 422
}
