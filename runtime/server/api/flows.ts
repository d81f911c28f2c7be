import { Type } from 'typebox'
import { problemSchema } from '../../errors/problem.ts'
import { endpoint, everyRole } from '../http/endpoint.ts'
import { date, listOf, object, ofClient, ofFlow, orNull, page, text, time } from '../http/schemas.ts'
import { flowState } from './clients.ts'

const version = Type.String({ pattern: '^[0-9a-f]{16}$', description: 'What tells one text of a flow from another' })
const source = Type.String({ minLength: 1, maxLength: 1_000_000, description: 'The flow’s YAML' })

export const flowAnswer = object({
  ...flowState.properties,
  description: orNull(text),
  version,
  source: text,
  params: Type.Record(Type.String(), Type.Unknown(), { description: 'The declared parameters, by name' }),
  steps: Type.Array(
    object({
      name: text,
      uses: text,
      title: orNull(text),
      from: Type.Array(
        object({
          input: orNull(Type.String({ description: 'null for the first input of the node' })),
          step: text,
          output: orNull(Type.String({ description: 'null for the first output of the step' })),
        }),
      ),
    }),
    { description: 'The graph; none where the file cannot be read' },
  ),
  schedule: orNull(object({ cron: text, timezone: text, missed: text })),
  next: Type.Array(object({ at: time, asOf: text }), { description: 'The next times it runs by itself' }),
  triggers: Type.Array(Type.Record(Type.String(), Type.Unknown())),
  problems: Type.Array(problemSchema, { description: 'What is known to be wrong with its file as it is now' }),
  versions: Type.Array(object({ version, keptAt: time }), { description: 'Texts that were kept, the newest first' }),
})

export const listFlows = endpoint({
  name: 'listFlows',
  method: 'GET',
  url: '/clients/:client/flows',
  tag: 'flows',
  summary: 'A client’s flows, its own and Polku’s',
  allow: everyRole,
  params: ofClient,
  query: page,
  answer: listOf(flowState),
})

export const getFlow = endpoint({
  name: 'getFlow',
  method: 'GET',
  url: '/clients/:client/flows/:flow',
  tag: 'flows',
  summary: 'One flow with its source, its graph and its next runs',
  allow: everyRole,
  params: ofFlow,
  query: object({ version: Type.Optional(version) }),
  answer: flowAnswer,
})

export const checkFlow = endpoint({
  name: 'checkFlow',
  method: 'POST',
  url: '/clients/:client/flows/:flow/check',
  tag: 'flows',
  summary: 'What is wrong with a flow, or with another text of it, without running it',
  description: 'In a process of its own: every setting, reference and column of every step.',
  allow: everyRole,
  audit: 'check flow',
  params: ofFlow,
  body: object({
    source: Type.Optional(source),
    asOf: Type.Optional(date),
  }),
  answer: object({ valid: Type.Boolean(), problems: Type.Array(problemSchema) }),
})

export const saveFlow = endpoint({
  name: 'saveFlow',
  method: 'PUT',
  url: '/clients/:client/flows/:flow',
  tag: 'flows',
  summary: 'Puts a flow’s source in place of what is there, once it checks',
  description: 'The text before it is kept: GET …?version= gives it back. `basedOn` keeps two people apart.',
  allow: ['analyst', 'operator', 'administrator'],
  audit: 'save flow',
  auditFields: ['basedOn'],
  params: ofFlow,
  body: object({
    source,
    basedOn: Type.Optional(
      orNull(Type.String({ ...version, description: 'The version that was changed; null for a flow that is new' })),
    ),
  }),
  answer: flowAnswer,
})
