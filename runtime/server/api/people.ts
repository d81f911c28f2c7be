import { Type } from 'typebox'
import { nameForm } from '../../data/names.ts'
import { endpoint, everyRole } from '../http/endpoint.ts'

const closed = { additionalProperties: false }
const administrators = ['administrator'] as const
const id = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$', description: 'An id' })
const time = Type.String({ format: 'date-time' })
const personName = Type.String({
  pattern: '^[^\\u0000-\\u001f\\u007f]{1,100}$',
  description: 'How others know the person, at most 100 characters',
})
const email = Type.String({ pattern: '^[^\\s@]{1,64}@[^\\s@]{1,190}$', description: 'An e-mail address' })
const role = Type.Enum(['analyst', 'operator', 'reviewer', 'administrator'])
const clients = Type.Union(
  [Type.Array(Type.String({ pattern: nameForm }), { maxItems: 1000, uniqueItems: true }), Type.Null()],
  { description: 'Names of the clients, or null for all' },
)
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()])
const page = Type.Object(
  {
    limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
    cursor: Type.Optional(id),
  },
  closed,
)

export const personAnswer = Type.Object(
  {
    id,
    name: Type.String(),
    email: orNull(Type.String()),
    role,
    clients,
    createdAt: time,
    disabledAt: orNull(time),
  },
  closed,
)

export const tokenAnswer = Type.Object(
  {
    id,
    name: Type.String(),
    role,
    clients,
    createdAt: time,
    expiresAt: time,
    revokedAt: orNull(time),
    usedAt: orNull(time),
  },
  closed,
)

export const listPeople = endpoint({
  name: 'listPeople',
  method: 'GET',
  url: '/people',
  tag: 'people',
  summary: 'Who may use the service',
  allow: administrators,
  query: page,
  answer: Type.Object({ items: Type.Array(personAnswer), next: orNull(Type.String()) }, closed),
})

export const createPerson = endpoint({
  name: 'createPerson',
  method: 'POST',
  url: '/people',
  tag: 'people',
  summary: 'Lets a person in',
  description: 'Who has an e-mail address may sign in by OpenID with it; anybody may by a token made for them.',
  allow: administrators,
  audit: 'create person',
  auditsItself: true,
  body: Type.Object({ name: personName, email: Type.Optional(email), role, clients }, closed),
  answer: personAnswer,
  status: 201,
})

const ofPerson = Type.Object({ person: id }, closed)

export const changePerson = endpoint({
  name: 'changePerson',
  method: 'PATCH',
  url: '/people/:person',
  tag: 'people',
  summary: 'Changes a person’s role and clients, or ends and restores their access',
  allow: administrators,
  audit: 'change person',
  auditsItself: true,
  params: ofPerson,
  body: Type.Object(
    {
      name: Type.Optional(personName),
      email: Type.Optional(orNull(email)),
      role: Type.Optional(role),
      clients: Type.Optional(clients),
      disabled: Type.Optional(Type.Boolean({ description: 'Whether the person’s tokens and sessions hold no more' })),
    },
    { ...closed, minProperties: 1 },
  ),
  answer: personAnswer,
})

export const listTokens = endpoint({
  name: 'listTokens',
  method: 'GET',
  url: '/people/:person/tokens',
  tag: 'people',
  summary: 'A person’s tokens, without their secrets',
  allow: administrators,
  params: ofPerson,
  answer: Type.Object({ items: Type.Array(tokenAnswer), next: Type.Null() }, closed),
})

export const createToken = endpoint({
  name: 'createToken',
  method: 'POST',
  url: '/people/:person/tokens',
  tag: 'people',
  summary: 'Makes a token for a person, and tells it this once',
  allow: administrators,
  audit: 'create token',
  auditsItself: true,
  params: ofPerson,
  body: Type.Object(
    {
      name: personName,
      role: Type.Optional(role),
      clients: Type.Optional(clients),
      expiresAt: Type.String({ format: 'date-time', description: 'Within a year' }),
    },
    closed,
  ),
  answer: Type.Object({ ...tokenAnswer.properties, token: Type.String({ description: 'Kept nowhere' }) }, closed),
  status: 201,
})

export const revokeToken = endpoint({
  name: 'revokeToken',
  method: 'DELETE',
  url: '/people/:person/tokens/:token',
  tag: 'people',
  summary: 'Makes a token hold no more, at once',
  allow: administrators,
  audit: 'revoke token',
  auditsItself: true,
  params: Type.Object({ person: id, token: id }, closed),
  answer: tokenAnswer,
})

export const whoAmI = endpoint({
  name: 'whoAmI',
  method: 'GET',
  url: '/me',
  tag: 'people',
  summary: 'Who is signed in',
  allow: everyRole,
  answer: Type.Object({ id, name: Type.String(), role, clients }, closed),
})
