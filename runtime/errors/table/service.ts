/** What can go wrong with the service: its database, its queue, its people and its API. */
export const serviceErrors = {
  WORKSPACES_NOT_FOUND: {
    message: 'There is no folder {folder}.',
    expected: 'A folder of clients’ workspaces, each with its client.yaml: --workspaces DIR.',
  },
  ADDRESS_TAKEN: {
    message: 'The service cannot listen at {host}:{port}: {reason}.',
    expected: 'Another --port or --host, or the end of what listens there.',
  },
  CLIENT_FOLDER: {
    message: 'The folder {folder} says that it is the client {name}.',
    expected: 'A folder of the client’s own name: rename one of the two.',
  },
  DATABASE_IN_USE: {
    message: 'Another service works on the database in {folder}.',
    expected: 'One service for an embedded database. Stop the other, or give both --database with a PostgreSQL.',
  },
  DATABASE_NEWER: {
    message: 'The database is of version {found}, and this Polku knows {known}.',
    expected: 'The Polku that made it, or a newer one.',
  },
  DATABASE_UNREACHABLE: {
    message: 'The database cannot be reached: {reason}.',
    expected: 'A PostgreSQL that runs, and --database postgres://USER:PASSWORD@HOST/NAME.',
  },
  NOT_SIGNED_IN: {
    message: 'Nobody is signed in.',
    expected: 'A token that holds: Authorization: Bearer polku_…',
  },
  NOT_ALLOWED: { message: 'The role {role} may not do this.', expected: 'Somebody with another role.' },
  REQUEST_INVALID: { message: 'The request is not right: {reason}.', expected: '{right}' },
  BODY_TOO_LARGE: { message: 'The request is too large.', expected: 'At most 1 MB.' },
  TOO_MANY_REQUESTS: { message: 'There were too many requests.', expected: 'Another try in {seconds} seconds.' },
  ROUTE_UNKNOWN: { message: 'There is nothing at this address.', expected: 'An address that /api/docs lists.' },

  CLIENT_UNKNOWN: { message: 'There is no client {client}.', expected: '{nearest}' },
  RUN_FINISHED: { message: 'The run {run} has ended already: it is {state}.', expected: 'A run that has not ended.' },
  RUN_CRASHED: {
    message: 'The process of the run ended {times} times before the run was done: {reason}.',
    expected: 'A step that does not end its process. Finished steps are kept: run it again once it is mended.',
  },
  RUN_MEMORY: {
    message: 'The run took {found} of memory, and may take {limit}.',
    expected: 'Fewer columns or rows at once, or more with runs.memory in client.yaml.',
  },
} as const
