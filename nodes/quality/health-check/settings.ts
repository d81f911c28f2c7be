import { COUNTRIES } from '../../lib/countries.ts'
import { asOfDate, column, columns, expression, type Static, settings, Type } from '../../node.ts'

const role = (description: string) => Type.Optional(column('customers', { description }))

const rule = settings({
  name: Type.String({ pattern: '\\S', maxLength: 80, description: 'What the rule is called in the report' }),
  condition: expression('customers', {
    type: 'boolean',
    description: 'What must hold of a customer: "start_date <= end_date"; no value is no verdict',
  }),
  description: Type.Optional(Type.String({ description: 'Why it must hold' })),
})

const channel = settings({
  name: Type.String({
    pattern: '^[a-z][a-z0-9_]*$',
    maxLength: 60,
    description: 'What the channel is called: email, sms, phone, post; its metric is permission_NAME',
  }),
  permission: column('permissions', { description: 'The permission to contact through this channel' }),
  allowed: Type.Array(Type.String({ pattern: '\\S' }), {
    minItems: 1,
    default: ['yes', 'true', '1', 'kyllä'],
    description: 'The texts that mean yes, in whatever capitals; true of a boolean column always does',
  }),
})

const weight = (description: string) => Type.Number({ minimum: 0, default: 1, description })

export const params = settings({
  customer: column('customers', { default: 'customer_id', description: 'The customer’s key' }),
  required: Type.Optional(
    columns('customers', {
      description:
        'Columns that every customer must have; by default the key and the columns with a role below, or all where none has one',
    }),
  ),
  names: columns('customers', {
    default: [],
    description: 'The columns of the name: with the birth date, e-mail or telephone they tell who is entered twice',
  }),
  birthDate: role('The date of birth: a date, or a text such as 1980-12-31, 31.12.1980 or 19801231'),
  email: role('The e-mail address'),
  phone: role('The telephone number'),
  postalCode: role('The postal code'),
  country: role('The country of the address: an ISO 3166-1 code, or a name'),
  defaultCountry: Type.Enum(
    COUNTRIES.map(({ code }) => code),
    { default: 'FI', description: 'The country where there is no other; the list of postal codes is of this country' },
  ),
  postalCodeList: column('postal_codes', {
    default: 'postal_code',
    description: 'The column of the postal codes that exist',
  }),
  addressUpdated: role('When the address was last confirmed: a date, or a text as of birthDate'),
  staleAfterMonths: Type.Integer({
    minimum: 1,
    maximum: 1200,
    default: 36,
    description: 'Months after which an address that nobody has confirmed is stale',
  }),
  staleShare: Type.Number({
    minimum: 0,
    maximum: 1,
    default: 1,
    description: 'The share of the letters to stale addresses that are wasted',
  }),
  lettersPerYear: Type.Optional(Type.Number({ minimum: 0, description: 'Letters a customer is sent in a year' })),
  letterPrice: Type.Optional(Type.Number({ minimum: 0, description: 'What a letter costs: print and postage' })),
  minimumAge: Type.Integer({
    minimum: 0,
    maximum: 150,
    default: 0,
    description: 'Years; who is younger is not a customer',
  }),
  maximumAge: Type.Integer({ minimum: 1, maximum: 200, default: 120, description: 'Years; nobody is older' }),
  rules: Type.Array(rule, {
    default: [],
    maxItems: 100,
    description: 'What must hold between the columns of a customer: the consistency of the data',
  }),
  maxGroup: Type.Integer({
    minimum: 2,
    default: 50,
    description: 'A name with its birth date, e-mail or telephone that more records share makes no duplicates',
  }),
  permissionCustomer: column('permissions', { default: 'customer_id', description: 'The customer’s key' }),
  channels: Type.Array(channel, {
    default: [],
    maxItems: 20,
    description: 'The channels whose permissions are counted; needs the input permissions',
  }),
  weights: Type.Object(
    {
      completeness: weight('The weight of completeness'),
      validity: weight('The weight of validity'),
      uniqueness: weight('The weight of uniqueness'),
      consistency: weight('The weight of consistency'),
    },
    {
      additionalProperties: false,
      default: {},
      description: 'How much each dimension counts in the score; all the same by default',
    },
  ),
  asOf: asOfDate('The date on which ages and stale addresses are judged'),
})

export type Settings = Static<typeof params>
