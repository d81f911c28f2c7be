import { yesWords } from '../../lib/permissions.ts'
import { asOfDate, column, expression, type Static, settings, Type } from '../../node.ts'

const channel = Type.Object(
  {
    name: Type.String({ pattern: '\\S', maxLength: 60, description: 'What the channel is called: email' }),
    permission: column('permissions', { description: 'The permission to contact through this channel' }),
    allowed: Type.Array(Type.String({ pattern: '\\S' }), {
      minItems: 1,
      default: [...yesWords],
      description: 'The texts that mean yes, in whatever capitals; true of a boolean column always does',
    }),
    cost: Type.Number({ minimum: 0, maximum: 1e6, description: 'What a contact costs, with at most four decimals' }),
    capacity: Type.Optional(Type.Integer({ minimum: 0, description: 'The most contacts; without it no limit' })),
    needs: Type.Optional(
      expression('customers', { type: 'boolean', description: 'What the channel needs: "email is not null"' }),
    ),
  },
  { additionalProperties: false },
)

const rule = Type.Object(
  {
    name: Type.String({ pattern: '\\S', maxLength: 80, description: 'What the rule is called in the report' }),
    condition: expression('customers', { type: 'boolean', description: 'What must hold; no value is as good as no' }),
  },
  { additionalProperties: false },
)

export const params = settings({
  customer: column('customers', { default: 'customer_id', description: 'The customer’s key' }),
  permissionCustomer: column('permissions', { default: 'customer_id', description: 'The customer’s key' }),
  where: Type.Array(rule, {
    default: [],
    maxItems: 50,
    description: 'Conditions in order: the first that does not hold excludes',
  }),
  rank: expression('customers', { type: 'number', description: 'What orders customers, the highest first' }),
  minimumValue: Type.Optional(Type.Number({ description: 'The lowest rank that is worth a contact' })),
  budget: Type.Number({ minimum: 0, maximum: 1e9, description: 'For contacts, with at most four decimals' }),
  size: Type.Optional(Type.Integer({ minimum: 1, description: 'The most customers to select' })),
  channels: Type.Array(channel, {
    minItems: 1,
    maxItems: 20,
    description: 'Channels in order of preference: each customer gets the first permitted one that has room',
  }),
  heldOutCustomer: column('held_out', { default: 'customer_id', description: 'The customer’s key' }),
  historyCustomer: column('history', { default: 'customer_id', description: 'The customer’s key' }),
  historyDate: column('history', { type: 'date', default: 'contacted_on', description: 'When they were contacted' }),
  contacted: Type.Optional(
    expression('history', {
      type: 'boolean',
      description:
        'Which rows of the history are contacts; by default all but those with campaign_group control or standing',
    }),
  ),
  quarantineDays: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 3660, description: 'Days that must have passed since the last contact' }),
  ),
  campaign: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'This campaign, as the history’s column campaign names it: then contacts of other campaigns on the as-of date itself count too',
    }),
  ),
  asOf: asOfDate('The date of the contacts; the history counts from before it'),
})

export type Settings = Static<typeof params>
