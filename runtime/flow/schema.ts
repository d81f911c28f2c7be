import { type Static, Type } from 'typebox'

const closed = { additionalProperties: false }

const paramSchema = Type.Object(
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

const stepSchema = Type.Object(
  {
    uses: Type.String({
      minLength: 1,
      description: 'A node such as segment/rfm, model/NAME@VERSION, or notebook/NAME',
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
    title: Type.Optional(Type.String({ description: 'How the report calls the step' })),
    note: Type.Optional(Type.String({ description: 'What the report says above the step’s findings' })),
  },
  closed,
)

/** The shape of a flow file. The editor's completion and the checker read this same declaration. */
export const flowSchema = Type.Object(
  {
    flow: Type.String({ pattern: '^[a-z][a-z0-9-]{0,63}$', description: 'Its name: small letters, digits and dashes' }),
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
          cron: Type.String({ minLength: 1 }),
          timezone: Type.Optional(Type.String()),
          missed: Type.Optional(Type.Enum(['none', 'latest', 'all'])),
        },
        closed,
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
export type FlowParam = Static<typeof paramSchema>
