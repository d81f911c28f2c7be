import { Type } from 'typebox'
import { endpoint, everyRole } from '../http/endpoint.ts'
import { listOf, name, object, ofClient, ofModel, orNull, page, text, time } from '../http/schemas.ts'

const reviewers = ['reviewer', 'administrator'] as const
const version = Type.Integer({ minimum: 1, maximum: 999_999_999 })
const stage = Type.Enum(['draft', 'approved', 'lapsed', 'retired', 'damaged'], {
  description: 'lapsed: what an approval rests on has changed since',
})
const note = Type.Optional(Type.String({ minLength: 1, maxLength: 2000 }))

const approval = {
  by: text,
  at: time,
  note: orNull(text),
  report: orNull(Type.String({ description: 'Its path in the workspace' })),
  holds: Type.Boolean(),
  lapsed: Type.Array(Type.String({ description: 'Why it no longer holds' })),
}

export const versionAnswer = object({
  model: name,
  version,
  stage,
  kind: orNull(text),
  target: orNull(text),
  metrics: Type.Record(Type.String(), Type.Unknown()),
  card: orNull(Type.Record(Type.String(), Type.Unknown())),
  publishedBy: orNull(text),
  publishedIn: orNull(Type.String({ description: 'The run that made it' })),
  approvals: Type.Array(object(approval), { description: 'What stands, the oldest first' }),
  problem: orNull(Type.String({ description: 'Why it cannot be used' })),
})

export const listModels = endpoint({
  name: 'listModels',
  method: 'GET',
  url: '/clients/:client/models',
  tag: 'models',
  summary: 'A client’s models with the stage of their newest version',
  allow: everyRole,
  params: ofClient,
  query: page,
  answer: listOf(
    object({
      model: name,
      versions: Type.Integer(),
      newest: version,
      stage,
      approved: orNull(Type.Integer({ description: 'The version that @approved means' })),
    }),
  ),
})

export const listVersions = endpoint({
  name: 'listVersions',
  method: 'GET',
  url: '/clients/:client/models/:model/versions',
  tag: 'models',
  summary: 'The versions of a model with their cards, metrics and approvals, the newest first',
  allow: everyRole,
  params: ofModel,
  query: page,
  answer: listOf(versionAnswer),
})

const ofVersion = object({ ...ofModel.properties, version })

export const getVersion = endpoint({
  name: 'getVersion',
  method: 'GET',
  url: '/clients/:client/models/:model/versions/:version',
  tag: 'models',
  summary: 'One version of a model',
  allow: everyRole,
  params: ofVersion,
  answer: versionAnswer,
})

export const approveModel = endpoint({
  name: 'approveModel',
  method: 'POST',
  url: '/clients/:client/models/:model/versions/:version/approve',
  tag: 'models',
  summary: 'Approves a version of a model on a report',
  description:
    'By another person than the one who published it. It holds while model, report and data stay as they are.',
  allow: reviewers,
  audit: 'approve model',
  auditFields: ['report', 'note'],
  params: ofVersion,
  body: object({
    report: Type.String({ minLength: 1, maxLength: 500, description: 'The report’s path in the workspace' }),
    note,
  }),
  answer: versionAnswer,
})

export const retireModel = endpoint({
  name: 'retireModel',
  method: 'POST',
  url: '/clients/:client/models/:model/versions/:version/retire',
  tag: 'models',
  summary: 'Takes a version of a model out of use: its approvals end',
  allow: reviewers,
  audit: 'retire model',
  auditFields: ['note'],
  params: ofVersion,
  body: object({ note }),
  answer: versionAnswer,
})

export const listApprovals = endpoint({
  name: 'listApprovals',
  method: 'GET',
  url: '/clients/:client/approvals',
  tag: 'models',
  summary: 'Who approved and retired what, the newest first',
  allow: everyRole,
  params: ofClient,
  query: page,
  answer: listOf(
    object({
      model: name,
      version,
      stage: Type.Enum(['approved', 'retired']),
      ...approval,
      holds: Type.Boolean({ description: 'Whether it is an approval that holds now' }),
    }),
  ),
})
