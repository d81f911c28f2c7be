import { type Static, Type } from 'typebox'
import { PolkuError } from '../../../errors/errors.ts'
import { nearest } from '../../../errors/nearest.ts'
import { versionOverview } from '../../../model/overview.ts'
import type { ModelRegistry } from '../../../model/registry.ts'
import type { Service } from '../../../service/service.ts'
import { workspaceOf } from '../../access/clients.ts'
import { everyRole } from '../../access/person.ts'
import { endpoint } from '../../http/endpoint.ts'
import { numberKey, pageOf } from '../../http/pages.ts'
import { listOf, name, object, ofClient, ofModel, orNull, page, text, time } from '../../http/schemas.ts'
import { approveInService } from './approvals.ts'
import { judgedModels } from './registry.ts'

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

const versionAnswer = object({
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

const listModels = endpoint({
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
  handle: async ({ service, now, params: { client }, query }) => {
    const { items, next } = pageOf((await registryOf(service, now(), client, '')).names, query, (name) => name)
    const answers = await Promise.all(
      items.map(async (name) => modelOf(await registryOf(service, now(), client, name), name)),
    )
    return { items: answers, next }
  },
})

const listVersions = endpoint({
  name: 'listVersions',
  method: 'GET',
  url: '/clients/:client/models/:model/versions',
  tag: 'models',
  summary: 'The versions of a model with their cards, metrics and approvals, the newest first',
  allow: everyRole,
  params: ofModel,
  query: page,
  answer: listOf(versionAnswer),
  handle: async ({ service, now, params: { client, model }, query }) => {
    const registry = await registryOf(service, now(), client, model)
    const versions = requireModel(registry, model).toReversed()
    const { items, next } = pageOf(versions, query, numberKey, 'descending')
    return { items: items.map((version) => answerOf(registry, model, version)), next }
  },
})

const ofVersion = object({ ...ofModel.properties, version })

const getVersion = endpoint({
  name: 'getVersion',
  method: 'GET',
  url: '/clients/:client/models/:model/versions/:version',
  tag: 'models',
  summary: 'One version of a model',
  allow: everyRole,
  params: ofVersion,
  answer: versionAnswer,
  handle: async ({ service, now, params: { client, model, version } }) =>
    answerOf(requireVersion(await registryOf(service, now(), client, model), model, version), model, version),
})

const approveModel = endpoint({
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
  handle: async ({ service, now, params: { client, model, version }, body, person }) => {
    requireVersion(await registryOf(service, now(), client, model), model, version)
    approveInService(service, client, { model, version, ...body }, person, now())
    return answerOf(await registryOf(service, now(), client, model), model, version)
  },
})

const retireModel = endpoint({
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
  handle: async ({ service, now, params: { client, model, version }, body: { note }, person }) => {
    const registry = requireVersion(await registryOf(service, now(), client, model), model, version)
    registry.setStage(model, { version, stage: 'retired', by: person.name, note, at: new Date(now()).toISOString() })
    return answerOf(registry, model, version)
  },
})

const approvalAnswer = object({
  model: name,
  version,
  stage: Type.Enum(['approved', 'retired']),
  ...approval,
  holds: Type.Boolean({ description: 'Whether it is an approval that holds now' }),
})

const listApprovals = endpoint({
  name: 'listApprovals',
  method: 'GET',
  url: '/clients/:client/approvals',
  tag: 'models',
  summary: 'Who approved and retired what, the newest first',
  allow: everyRole,
  params: ofClient,
  query: page,
  answer: listOf(approvalAnswer),
  handle: async ({ service, now, params: { client }, query }) => {
    const registry = await registryOf(service, now(), client)
    const events = registry.names.flatMap((model) => eventsOf(registry, model))
    return pageOf(events.map(({ answer }) => answer).sort(byTime), query, keyOf, 'descending')
  },
})

const registryOf = (service: Service, now: number, client: string, model?: string): Promise<ModelRegistry> =>
  judgedModels(workspaceOf(service, client), model, now)

type Approval = Static<typeof approvalAnswer>

/** Events of one instant are told apart by what they are of; no other sign than these may stand in a cursor. */
const keyOf = ({ at, model, version }: Approval): string =>
  `${at.replaceAll(/[^0-9]/g, '')}.${model}.${numberKey(version)}`
const byTime = (left: Approval, right: Approval): number => (keyOf(left) < keyOf(right) ? 1 : -1)

function eventsOf(registry: ModelRegistry, model: string): { answer: Approval }[] {
  return registry.stages(model).map((event) => {
    const { version, stage, by, at, note } = event
    const judged = registry.approvals(model, version).find((each) => each.at === at)
    const evidence = event.stage === 'approved' ? event.evidence : []
    return {
      answer: {
        ...{ model, version, stage, by, at, note: note ?? null },
        report: evidence?.find(({ kind }) => kind === 'report')?.path ?? null,
        holds: judged !== undefined && judged.lapsed.length === 0,
        lapsed: [...(judged?.lapsed ?? [])],
      },
    }
  })
}

function modelOf(registry: ModelRegistry, model: string) {
  const versions = registry.versions(model)
  const newest = versions.at(-1) ?? 1
  let approved: number | null = null
  try {
    approved = registry.resolve(`${model}@approved`).version
  } catch (error) {
    // None holds.
    if (!(error instanceof PolkuError)) throw error
  }
  return { model, versions: versions.length, newest, stage: versionOverview(registry, model, newest).stage, approved }
}

/** The versions of a model. Throws MODEL_UNKNOWN. */
function requireModel(registry: ModelRegistry, model: string): number[] {
  const versions = registry.versions(model)
  if (versions.length > 0) return versions
  throw new PolkuError('MODEL_UNKNOWN', { model, actual: model, nearest: nearest(model, registry.names, 'model') })
}

/** Throws MODEL_UNKNOWN. */
function requireVersion(registry: ModelRegistry, model: string, version: number): ModelRegistry {
  requireModel(registry, model)
  registry.resolve(`${model}@${version}`)
  return registry
}

function answerOf(registry: ModelRegistry, model: string, version: number): Static<typeof versionAnswer> {
  const { stage, kind, target, metrics, card, approvals, problem } = versionOverview(registry, model, version)
  const publisher = registry.publisher(model, version)
  return {
    ...{ model, version, stage, kind: kind ?? null, target: target ?? null, problem: problem ?? null },
    metrics: metrics !== null && typeof metrics === 'object' ? { ...metrics } : {},
    card: card ? { ...card } : null,
    publishedBy: publisher?.name ?? null,
    publishedIn: publisher?.run ?? null,
    approvals: approvals.map(({ by, at, note, report, holds, lapsed }) => ({
      ...{ by, at, note: note ?? null, report: report ?? null, holds, lapsed: [...lapsed] },
    })),
  }
}

export const models = { listModels, listVersions, getVersion, approveModel, retireModel, listApprovals }
