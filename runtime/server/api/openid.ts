import { Type } from 'typebox'
import { endpoint } from '../http/endpoint.ts'

export const getSignIn = endpoint({
  name: 'getSignIn',
  method: 'GET',
  url: '/sign-in',
  tag: 'sign in',
  summary: 'How people sign in',
  allow: 'public',
  answer: Type.Object(
    { openid: Type.Boolean({ description: 'Whether /api/sign-in/openid leads to a provider' }) },
    { additionalProperties: false },
  ),
})

export const beginOpenId = endpoint({
  name: 'beginOpenId',
  method: 'GET',
  url: '/sign-in/openid',
  tag: 'sign in',
  summary: 'Sends a browser to the OpenID provider',
  allow: 'public',
  answer: Type.Null(),
  status: 302,
})

export const finishOpenId = endpoint({
  name: 'finishOpenId',
  method: 'GET',
  url: '/sign-in/openid/return',
  tag: 'sign in',
  summary: 'Where the OpenID provider sends a browser back',
  allow: 'public',
  audit: 'sign in',
  auditsItself: true,
  query: Type.Object(
    {
      code: Type.Optional(Type.String({ maxLength: 4096 })),
      state: Type.Optional(Type.String({ maxLength: 4096 })),
      error: Type.Optional(Type.String({ maxLength: 4096 })),
    },
    { description: 'Providers add more' },
  ),
  answer: Type.String({ description: 'A page that leads to the first one' }),
  media: 'text/html',
})
