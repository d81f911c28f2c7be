import { type Static, Type } from 'typebox'
import { nameForm } from '../data/names.ts'

const closed = { additionalProperties: false }

export const paramSchema = Type.Object(
  {
    type: Type.Enum(['number', 'integer', 'text', 'boolean', 'date', 'list'], {
      description: 'What kind of value it is; a list is of texts, such as names of columns',
    }),
    default: Type.Optional(
      Type.Union([
        Type.String(),
        Type.Number(),
        Type.Boolean(),
        Type.Array(Type.Union([Type.String(), Type.Number()])),
      ]),
    ),
    description: Type.Optional(Type.String()),
    options: Type.Optional(
      Type.Array(Type.Union([Type.String(), Type.Number()]), {
        description: 'The only values it may have; of a list, its items',
        minItems: 1,
      }),
    ),
    minimum: Type.Optional(Type.Number()),
    maximum: Type.Optional(Type.Number()),
  },
  closed,
)

const reference = Type.String({ minLength: 1, description: 'A step, or step.output' })

const timeout = (of: string) =>
  Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: 604_800,
      description: `The seconds that ${of} may take; then it is cancelled and fails`,
    }),
  )

const retrySchema = Type.Object(
  {
    times: Type.Integer({ minimum: 0, maximum: 10, description: 'How often it is tried again' }),
    wait: Type.Optional(
      Type.Number({ minimum: 0, maximum: 86_400, description: 'The seconds before the first time, 10 by default' }),
    ),
    backoff: Type.Optional(
      Type.Number({ minimum: 1, maximum: 10, description: 'How many times longer each wait is, 2 by default' }),
    ),
    limit: Type.Optional(
      Type.Number({ minimum: 0, maximum: 86_400, description: 'The most it waits, in seconds, 3600 by default' }),
    ),
  },
  { ...closed, description: 'Tries again what failed for no fault of the author’s: { times: 3, wait: 10 }' },
)

const stepSchema = Type.Object(
  {
    uses: Type.String({
      minLength: 1,
      description: 'A node such as segment/rfm, model/NAME@VERSION, notebook/NAME, or flow/NAME with for_each',
    }),
    from: Type.Optional(
      Type.Union([reference, Type.Record(Type.String(), reference)], {
        description: 'Where its input tables come from: a step, or input: step',
      }),
    ),
    with: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: 'Settings of the node' })),
    stop: Type.Optional(
      Type.String({ minLength: 1, description: 'Stops the run when this holds for the step’s metrics: score < 60' }),
    ),
    for_each: Type.Optional(
      Type.Union([Type.String({ minLength: 1 }), Type.Array(Type.Union([Type.String(), Type.Number()]))], {
        description: 'What a flow is run for: a list, ${params.LIST}, or the rows of a step',
      }),
    ),
    gather: Type.Optional(reference),
    on_failure: Type.Optional(
      Type.Enum(['stop', 'continue'], { description: 'What a flow that fails for one item does, stop by default' }),
    ),
    retry: Type.Optional(retrySchema),
    timeout: timeout('one attempt at the step'),
    title: Type.Optional(Type.String({ description: 'How the report calls the step' })),
    note: Type.Optional(Type.String({ description: 'What the report says above the step’s findings' })),
  },
  closed,
)

const triggerSchema = Type.Object(
  {
    dataset: Type.Optional(
      Type.String({ pattern: nameForm, description: 'A dataset: each new snapshot starts a run' }),
    ),
    file: Type.Optional(
      Type.String({ minLength: 1, description: 'A file of the workspace that arrives, such as inbox/*.csv' }),
    ),
    param: Type.Optional(Type.String({ description: 'The parameter that is given the file’s path' })),
    quiet: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 3600,
        description: 'The seconds that the file must not have changed, 10 by default',
      }),
    ),
    flow: Type.Optional(Type.String({ pattern: nameForm, description: 'Another flow of the client that has ended' })),
    on: Type.Optional(
      Type.Enum(['done', 'failed', 'ended'], { description: 'How the other flow has ended, done by default' }),
    ),
  },
  { ...closed, description: 'One of dataset, file and flow' },
)

/** The shape of a flow file. The editor's completion and the checker read this same declaration. */
export const flowSchema = Type.Object(
  {
    flow: Type.String({ pattern: nameForm, description: 'Its name: small letters, digits and dashes' }),
    title: Type.Optional(Type.String()),
    description: Type.Optional(Type.String()),
    highlights: Type.Optional(
      Type.Array(Type.String({ pattern: '^[^.]+\\.[^.]+$' }), {
        maxItems: 8,
        description: 'The metrics a reader shall see first: step.metric',
      }),
    ),
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 4294967295 })),
    schedule: Type.Optional(
      Type.Object(
        {
          cron: Type.String({
            minLength: 1,
            description: 'Minute, hour, day of the month, month and day of the week, such as 0 6 * * MON',
          }),
          timezone: Type.Optional(
            Type.String({ description: 'Whose clocks it goes by, such as Europe/Helsinki; the client’s by default' }),
          ),
          missed: Type.Optional(
            Type.Enum(['none', 'latest', 'all'], {
              description: 'Which of the times that passed while nothing was served are made up for; latest by default',
            }),
          ),
        },
        { ...closed, description: 'When it runs by itself: { cron: 0 6 * * MON }' },
      ),
    ),
    triggers: Type.Optional(
      Type.Array(triggerSchema, { maxItems: 20, description: 'What else starts it: [{ dataset: contacts }]' }),
    ),
    timeout: timeout('a run'),
    runs: Type.Optional(
      Type.Object(
        {
          atOnce: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 1000, description: 'How many runs of the flow may go on at once' }),
          ),
          priority: Type.Optional(
            Type.Integer({ minimum: -10, maximum: 10, description: 'Which runs go first: 10 before 0 before -10' }),
          ),
        },
        { ...closed, description: 'How the service queues its runs: { atOnce: 1, priority: 5 }' },
      ),
    ),
    params: Type.Optional(Type.Record(Type.String({ pattern: '^[a-zA-Z][a-zA-Z0-9_]*$' }), paramSchema, closed)),
    steps: Type.Record(Type.String({ pattern: '^[a-z][a-z0-9_-]*$' }), stepSchema, {
      ...closed,
      minProperties: 1,
      maxProperties: 1000,
    }),
  },
  closed,
)

export type Flow = Static<typeof flowSchema>
export type FlowStep = Static<typeof stepSchema>
export type FlowTrigger = Static<typeof triggerSchema>
export type FlowParam = Static<typeof paramSchema>
