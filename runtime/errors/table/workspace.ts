// A workspace as a folder: client.yaml, names, paths, files and the disk.
import type { ErrorEntries } from './entry.ts'

export const workspaceErrors = {
  WORKSPACE_NOT_FOUND: {
    message: 'There is no workspace in {folder}.',
    expected: 'A folder with a client.yaml. Name it with --workspace DIR, or make one with `polku new client NAME`.',
    status: 503,
  },
  WORKSPACE_INVALID: { message: 'client.yaml is not right: {reason}', expected: '{right}', status: 409 },
  WORKSPACE_NOT_WRITABLE: {
    message: 'The workspace cannot be written: {path} ({reason}).',
    expected: 'A folder that the user who runs Polku may write.',
    status: 503,
  },
  DISK_FULL: {
    message: 'The disk is full: {path}.',
    expected: 'Free some space and run again; finished steps are kept and are not done twice.',
    status: 507,
    transient: true,
  },
  ALREADY_EXISTS: {
    message: '{path} exists already.',
    expected: 'Choose another name, or remove it first.',
    status: 409,
  },
  NAME_INVALID: { message: '{name} cannot be a name.', expected: '{right}', status: 422, usage: true },
  PATH_OUTSIDE: {
    message: 'The path {path} leaves the workspace.',
    expected: 'A path inside the workspace, relative to it, such as data/customers.csv.',
    status: 422,
    addressed: 'path',
  },
  PATH_PATTERN: {
    message: 'The path {path} has * or ? in it, or [ in the name of a folder.',
    expected:
      'The name of one file without these signs, which stand for several names; several files are several steps.',
    status: 422,
  },
  FILE_NOT_FOUND: {
    message: 'There is no file {path}.',
    expected: '{nearest}',
    status: 422,
    addressed: 'path',
    transient: true,
  },
  FILE_UNREADABLE: {
    message: 'The file {path} cannot be read: {reason}.',
    expected: 'A readable regular file.',
    status: 422,
    addressed: 'path',
  },
  RETENTION_MISSING: {
    message: 'Nothing says what of {workspace} may be cleaned.',
    expected: 'retention: { days: 90, gigabytes: 50 } in client.yaml, or --days and --gigabytes.',
    status: 422,
  },
} as const satisfies ErrorEntries
