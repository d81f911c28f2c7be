import { asOfDate, column, columns, expression, type Static, settings, type Table, Type } from '../../node.ts'

const measure = Type.Object(
  {
    name: Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]{0,62}$', description: 'The name of the new column' }),
    value: expression('orders', {
      type: 'number',
      description: 'A number of each purchase: a column or an expression',
    }),
    aggregate: Type.Enum(['sum', 'mean', 'max', 'min', 'last'], {
      description: 'How the purchases’ values become one: last is that of the latest one that has a value',
    }),
    window: Type.Optional(Type.Integer({ minimum: 1, maximum: 36500, description: 'Of the last days only' })),
  },
  { additionalProperties: false },
)

export const params = settings({
  key: column('customers', { default: 'customer_id', description: 'The key of the customers, one row each' }),
  since: Type.Optional(column('customers', { type: 'date', description: 'Since when they are customers' })),
  columns: Type.Optional(columns('customers', { description: 'Columns of the customers to carry along' })),
  customer: column('orders', { default: 'customer_id', description: 'Who bought' }),
  date: column('orders', { type: 'date', default: 'ordered_at', description: 'When' }),
  amount: column('orders', { type: 'number', default: 'amount', description: 'For how much' }),
  order: Type.Optional(
    column('orders', {
      description: 'The order a line belongs to; without it every row is an order, and lines without one are one order',
    }),
  ),
  asOf: asOfDate('Purchases before this date count'),
  windows: Type.Array(Type.Integer({ minimum: 1, maximum: 36500 }), {
    default: [30, 90, 365],
    maxItems: 20,
    description: 'Windows before the as-of date, in days',
  }),
  category: Type.Optional(column('orders', { description: 'What kind of thing was bought' })),
  categories: Type.Array(Type.String({ minLength: 1 }), {
    default: [],
    maxItems: 100,
    description: 'The categories that get a column of spend each, named after them',
  }),
  measures: Type.Array(measure, {
    default: [],
    maxItems: 100,
    description: 'More columns, each made of a number of the purchases (consumption, days late)',
  }),
})

export type Settings = Static<typeof params>
export type Measure = Static<typeof measure>

export interface Inputs {
  readonly orders: Table
  readonly customers?: Table
}
