// The service as a process: its address, its clients, its database and its own settings.
import type { ErrorEntries } from './entry.ts'

export const serviceErrors = {
  WORKSPACES_NOT_FOUND: {
    message: 'There is no folder {folder}.',
    expected: 'A folder of clients’ workspaces, each with its client.yaml: --workspaces DIR.',
    status: 422,
  },
  CLIENT_UNKNOWN: { message: 'There is no client {client}.', expected: '{nearest}', status: 422, addressed: 'client' },
  CLIENT_FOLDER: {
    message: 'The folder {folder} says that it is the client {name}.',
    expected: 'A folder of the client’s own name: rename one of the two.',
    status: 422,
  },
  ADDRESS_TAKEN: {
    message: 'The service cannot listen at {host}:{port}: {reason}.',
    expected: 'Another --port or --host, or the end of what listens there.',
    status: 422,
  },
  DATABASE_IN_USE: {
    message: 'Another service works on the database in {folder}.',
    expected: 'One service for an embedded database. Stop the other, or give both --database with a PostgreSQL.',
    status: 422,
  },
  DATABASE_NEWER: {
    message: 'The database is of version {actual}, and this Polku knows {newest}.',
    expected: 'The Polku that made it, or a newer one.',
    status: 422,
  },
  DATABASE_UNREACHABLE: {
    message: 'The database cannot be reached: {reason}.',
    expected: 'A PostgreSQL that runs, and --database postgres://USER:PASSWORD@HOST/NAME.',
    status: 503,
  },
  ALERT_SETTING: { message: 'The setting {name} cannot be used.', expected: '{right}', status: 422 },
} as const satisfies ErrorEntries
