/** What can go wrong with a request to the API, besides what it asks for. */
export const apiErrors = {
  BODY_MALFORMED: { message: 'The body cannot be read: {reason}.', expected: 'One JSON object.' },
  MEDIA_TYPE: { message: 'A body of this kind is not taken.', expected: 'content-type: application/json' },
  IDEMPOTENCY_KEY_TAKEN: {
    message: 'The idempotency key was used for another request: the run {run} of {flow}.',
    expected: 'A key of its own for each request, and the same one only for the same request.',
  },
  RUN_GOES_ON: {
    message: 'The run {run} has not ended: it is {state}.',
    expected: 'A run that has ended; this one can be cancelled.',
  },
  RUN_NOT_BEGUN: {
    message: 'The run {run} has left no record: it has not begun, or what it left was cleaned away.',
    expected: 'A run that has begun.',
  },
  RUN_RECORD_INVALID: {
    message: 'The record of the run {run} is not one that this Polku writes.',
    expected: 'A run of this version of Polku; its folder lies in .polku/runs.',
  },
  TABLE_GONE: {
    message: 'The rows of {table} are not there any more.',
    expected: 'The run done again; what no dataset, model or report needs is cleaned away after a while.',
  },
  TABLE_SLOW: {
    message: 'It took longer than {seconds} s to look at the table.',
    expected: 'Fewer columns at once, or a smaller offset.',
  },
  SNAPSHOT_UNKNOWN: {
    message: 'The dataset {dataset} has no such snapshot.',
    expected: 'One that the list of snapshots shows.',
  },
  FLOW_VERSION_UNKNOWN: {
    message: 'There is no version {version} of the flow {flow}.',
    expected: 'One of the versions that the flow lists.',
  },
  FLOW_CHANGED: {
    message: 'The flow {flow} was changed meanwhile: it is at {found}.',
    expected: 'The change made again on what it is now.',
  },
  FLOW_NAME: {
    message: 'The source says flow: {found}, and not {flow}.',
    expected: 'The same name in the source and in the address.',
  },
} as const
