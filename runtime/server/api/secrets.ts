import { Type } from 'typebox'
import { nameForm } from '../../data/names.ts'
import { endpoint } from '../http/endpoint.ts'

const closed = { additionalProperties: false }
const client = Type.String({ pattern: nameForm })
const secret = Type.String({
  pattern: '^[A-Z][A-Z0-9_]{0,63}$',
  description: 'Its name in flows: large letters, digits and underscores',
})
const operators = ['operator', 'administrator'] as const
const ofClient = Type.Object({ client }, closed)
const ofSecret = Type.Object({ client, name: secret }, closed)

export const secretAnswer = Type.Object(
  { name: secret, changedAt: Type.String({ format: 'date-time' }), changedBy: Type.String() },
  closed,
)

export const listSecrets = endpoint({
  name: 'listSecrets',
  method: 'GET',
  url: '/clients/:client/secrets',
  tag: 'secrets',
  summary: 'The names of a client’s secrets',
  description: 'No request gives a value.',
  allow: operators,
  params: ofClient,
  answer: Type.Object({ items: Type.Array(secretAnswer), next: Type.Null() }, closed),
})

export const putSecret = endpoint({
  name: 'putSecret',
  method: 'PUT',
  url: '/clients/:client/secrets/:name',
  tag: 'secrets',
  summary: 'Puts a secret in, or another in its place',
  description: 'Flows name it ${secret.NAME} in settings. Steps that use it are done anew when it changes.',
  allow: operators,
  audit: 'put secret',
  auditsItself: true,
  params: ofSecret,
  body: Type.Object(
    { value: Type.String({ minLength: 8, maxLength: 10_000, description: 'From 8 to 10,000 characters' }) },
    closed,
  ),
  answer: secretAnswer,
})

export const deleteSecret = endpoint({
  name: 'deleteSecret',
  method: 'DELETE',
  url: '/clients/:client/secrets/:name',
  tag: 'secrets',
  summary: 'Removes a secret',
  allow: operators,
  audit: 'delete secret',
  auditsItself: true,
  params: ofSecret,
  answer: Type.Null(),
  status: 204,
})
