import { column, columns, expression, type Static, settings, Type } from '../../node.ts'

export const measures = ['response', 'retention', 'value'] as const
export type Measure = (typeof measures)[number]

export const params = settings({
  customer: column('groups', { default: 'customer_id', description: 'The customer’s key' }),
  group: column('groups', { type: 'text', default: 'campaign_group', description: 'Who was treated and who was not' }),
  treated: Type.String({ minLength: 1, default: 'treated', description: 'What the group of the treated is called' }),
  control: Type.String({ minLength: 1, default: 'control', description: 'What the control group is called' }),
  leaveOut: Type.Array(Type.String({ minLength: 1 }), {
    default: ['standing'],
    description: 'Groups that are no part of the comparison',
  }),
  campaign: Type.Optional(
    Type.String({ minLength: 1, description: 'Only rows of this campaign, by the column campaign of the groups' }),
  ),
  only: Type.Optional(
    expression('groups', {
      type: 'boolean',
      description: "Only rows for which this holds: one wave of a repeated campaign, contacted_on = date '2026-10-01'",
    }),
  ),
  segments: columns('groups', { default: [], description: 'Columns by whose values the effect is shown as well' }),
  outcomeCustomer: column('outcomes', { default: 'customer_id', description: 'The customer’s key' }),
  response: Type.Optional(expression('outcomes', { description: 'Whether they responded: true or false, or 1 or 0' })),
  retention: Type.Optional(expression('outcomes', { description: 'Whether they stayed: true or false, or 1 or 0' })),
  value: Type.Optional(expression('outcomes', { type: 'number', description: 'What they brought' })),
  main: Type.Optional(
    Type.Enum([...measures], {
      description: 'The outcome the campaign was for; by default the first given of response, retention and value',
    }),
  ),
  covariate: Type.Optional(
    column('groups', {
      type: 'number',
      description:
        'A number that was known before the campaign and foretells the value, such as last year’s margin: adjusting for it narrows the intervals',
    }),
  ),
  margin: Type.Number({
    exclusiveMinimum: 0,
    maximum: 1,
    default: 1,
    description: 'The share of the value that is earned; 1 where the value is a margin already',
  }),
  cost: Type.Optional(column('groups', { type: 'number', description: 'What was spent on each customer' })),
  costPerContact: Type.Optional(
    Type.Number({ minimum: 0, maximum: 1e6, description: 'Or what was spent per treated customer' }),
  ),
  fixedCost: Type.Number({ minimum: 0, maximum: 1e9, default: 0, description: 'What the campaign cost besides' }),
})

export type Settings = Static<typeof params>

/** Of every interval: that which reports name. */
export const confidence = 0.95

/** The measures that are given, in their order. */
export const givenMeasures = (settings: Settings): readonly Measure[] =>
  measures.filter((measure) => settings[measure] !== undefined)

/** The measure the campaign is judged by. */
export const mainMeasure = (settings: Settings): Measure => settings.main ?? givenMeasures(settings)[0] ?? 'response'

/** What a person calls a measure. */
export const measureWords: Record<Measure, string> = {
  response: 'Response rate',
  retention: 'Retention rate',
  value: 'Value per customer',
}
