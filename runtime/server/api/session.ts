import { Type } from 'typebox'
import { endpoint, everyRole } from '../http/endpoint.ts'

const closed = { additionalProperties: false }

export const sessionAnswer = Type.Object(
  {
    name: Type.String(),
    role: Type.String(),
    clients: Type.Union([Type.Array(Type.String()), Type.Null()], { description: 'null for all' }),
    forgeryToken: Type.Union([Type.String(), Type.Null()], {
      description: 'What each change by the cookie brings in the header x-polku-forgery-token; null with a token',
    }),
  },
  closed,
)

export const createSession = endpoint({
  name: 'createSession',
  method: 'POST',
  url: '/session',
  tag: 'sign in',
  summary: 'Signs a browser in with a token, by a cookie',
  description:
    'Only from a page of the service. It ends when it is idle for two hours, after twelve, or with the token.',
  allow: 'public',
  audit: 'sign in',
  auditsItself: true,
  body: Type.Object({ token: Type.String({ minLength: 1, maxLength: 200 }) }, closed),
  answer: sessionAnswer,
  status: 201,
})

export const getSession = endpoint({
  name: 'getSession',
  method: 'GET',
  url: '/session',
  tag: 'sign in',
  summary: 'Who is signed in, and what changes by cookie must bring',
  allow: everyRole,
  answer: sessionAnswer,
})

export const endSession = endpoint({
  name: 'endSession',
  method: 'DELETE',
  url: '/session',
  tag: 'sign in',
  summary: 'Signs out',
  allow: everyRole,
  audit: 'sign out',
  auditsItself: true,
  answer: Type.Null(),
  status: 204,
})
