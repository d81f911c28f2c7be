// A flow as a file: its YAML, parameters, schedule, triggers and versions.
import type { ErrorEntries } from './entry.ts'

export const flowErrors = {
  FLOW_NOT_FOUND: { message: 'There is no flow {flow}.', expected: '{nearest}', status: 422, addressed: 'flow' },
  FLOW_NOT_YAML: {
    message: 'This is not valid YAML: {reason}',
    expected: 'A YAML file with flow, params and steps.',
    status: 422,
  },
  FLOW_TOO_LARGE: { message: 'The flow is {actual} long.', expected: 'A flow of at most 1 MB.', status: 422 },
  FLOW_SHAPE: { message: '{reason}', expected: '{right}', status: 422 },
  FLOW_UNKNOWN_KEY: { message: 'There is no key {key} in {where}.', expected: '{nearest}', status: 422 },
  FLOW_NAME: {
    message: 'The source says flow: {actual}, and not {flow}.',
    expected: 'The same name in the source and in the address.',
    status: 422,
  },
  FLOW_VERSION_UNKNOWN: {
    message: 'There is no version {version} of the flow {flow}.',
    expected: 'One of the versions that the flow lists.',
    status: 422,
    addressed: 'flow',
  },
  FLOW_CHANGED: {
    message: 'The flow {flow} was changed meanwhile: it is at {actual}.',
    expected: 'The change made again on what it is now.',
    status: 409,
  },
  PARAM_UNKNOWN: { message: 'The flow has no parameter {param}.', expected: '{nearest}', status: 422 },
  PARAM_MISSING: {
    message: 'The parameter {param} has no value.',
    expected: 'Give it with --param {param}=…',
    status: 422,
  },
  PARAM_INVALID: { message: 'The parameter {param} is {value}.', expected: '{right}', status: 422 },
  AS_OF_INVALID: {
    message: 'The as-of date is {value}.',
    expected: 'A date such as 2026-10-01.',
    status: 422,
    usage: true,
  },
  SCHEDULE_CRON: { message: 'The schedule {cron} cannot be read: {reason}.', expected: '{right}', status: 422 },
  SCHEDULE_ZONE: {
    message: 'There is no time zone {timezone}.',
    expected: 'A name of the time zone database, such as Europe/Helsinki.',
    status: 422,
  },
  SCHEDULE_NEVER: { message: 'The schedule {cron} is never due.', expected: 'A day that some month has.', status: 422 },
  SCHEDULE_UNKNOWN: {
    message: 'The flow {flow} has neither a schedule nor triggers.',
    expected: '{nearest}',
    status: 422,
    addressed: 'flow',
  },
  TRIGGER_INVALID: { message: 'The trigger cannot be used: {reason}.', expected: '{right}', status: 422 },
  TRIGGER_CIRCLE: {
    message: 'The flows start each other without end: {path}.',
    expected: 'Triggers that come to an end.',
    status: 422,
  },
  CHECK_CRASHED: {
    message: 'The process that checked the flow {flow} ended or took longer than a minute: {reason}.',
    expected: 'Nodes that can be loaded without work, and steps that can be typed.',
    status: 422,
  },
} as const satisfies ErrorEntries
