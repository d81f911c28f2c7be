import { column, columns, type Static, settings, Type } from '../../node.ts'

const standing = Type.Object(
  {
    share: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1, description: 'Its share of all customers' }),
    salt: Type.String({
      pattern: '^[^\\x00-\\x1f]{1,100}$',
      default: '1',
      description: 'Another text makes another standing group, such as one a year',
    }),
  },
  { additionalProperties: false, description: 'A group held out of every campaign, taken before the control group' },
)

export const params = settings({
  customer: column('target', { default: 'customer_id', description: 'The customer’s key' }),
  campaign: Type.String({
    pattern: '^[^\\x00-\\x1f]{1,100}$',
    description: 'The campaign’s name: the same name always gives the same groups',
  }),
  share: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      exclusiveMaximum: 1,
      description: 'The control group’s share; each customer’s group depends on nobody else',
    }),
  ),
  size: Type.Optional(
    Type.Integer({
      minimum: 1,
      description: 'Or its size: then who is in it depends on who else is in the target group',
    }),
  ),
  standing: Type.Optional(standing),
  expectedRate: Type.Optional(
    Type.Number({ minimum: 0, maximum: 1, description: 'The share of the control group expected to respond' }),
  ),
  expectedLift: Type.Optional(
    Type.Number({ minimum: -1, maximum: 1, description: 'By how much more (or less) of the treated are expected to' }),
  ),
  alpha: Type.Number({
    exclusiveMinimum: 0,
    maximum: 0.5,
    default: 0.05,
    description: 'The two-sided level of the test to come',
  }),
  power: Type.Number({
    minimum: 0.5,
    exclusiveMaximum: 1,
    default: 0.8,
    description: 'The wanted chance of showing the expected lift',
  }),
  balance: Type.Optional(
    columns('target', {
      type: 'number',
      description: 'Columns whose means the groups are compared by; the first ten numeric ones by default',
    }),
  ),
})

export type Settings = Static<typeof params>
