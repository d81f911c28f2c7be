import type { FastifyInstance } from 'fastify'
import type { Static } from 'typebox'
import { PolkuError } from '../../../errors/errors.ts'
import { nearest } from '../../../errors/nearest.ts'
import { versionOverview } from '../../../model/overview.ts'
import type { ModelRegistry } from '../../../model/registry.ts'
import type { Service } from '../../../service/service.ts'
import {
  approveModel,
  getVersion,
  listApprovals,
  listModels,
  listVersions,
  retireModel,
  type versionAnswer,
} from '../../api/models.ts'
import { numberKey, pageOf } from '../../http/pages.ts'
import { serve } from '../../http/register.ts'
import { clientOf } from '../clients/clients.ts'
import { approveInService } from './approvals.ts'
import { judgedModels } from './registry.ts'

/** Models, their versions and approvals. */
export function models(app: FastifyInstance, service: Service, now: () => number): void {
  const registryOf = (client: string, model?: string) => judgedModels(clientOf(service, client), model, now())

  serve(app, listModels, async ({ params: { client }, query }) => {
    const { items, next } = pageOf((await registryOf(client, '')).names, query, (name) => name)
    const answers = await Promise.all(items.map(async (name) => modelOf(await registryOf(client, name), name)))
    return { items: answers, next }
  })

  serve(app, listVersions, async ({ params: { client, model }, query }) => {
    const registry = await registryOf(client, model)
    const versions = requireModel(registry, model).toReversed()
    const { items, next } = pageOf(versions, query, numberKey, 'descending')
    return { items: items.map((version) => answerOf(registry, model, version)), next }
  })

  serve(app, getVersion, async ({ params: { client, model, version } }) =>
    answerOf(requireVersion(await registryOf(client, model), model, version), model, version),
  )

  serve(app, approveModel, async ({ params: { client, model, version }, body, person }) => {
    requireVersion(await registryOf(client, model), model, version)
    approveInService(service, client, { model, version, ...body }, person, now())
    return answerOf(await registryOf(client, model), model, version)
  })

  serve(app, retireModel, async ({ params: { client, model, version }, body: { note }, person }) => {
    const registry = requireVersion(await registryOf(client, model), model, version)
    registry.setStage(model, { version, stage: 'retired', by: person.name, note, at: new Date(now()).toISOString() })
    return answerOf(registry, model, version)
  })

  serve(app, listApprovals, async ({ params: { client }, query }) => {
    const registry = await registryOf(client)
    const events = registry.names.flatMap((model) => eventsOf(registry, model))
    return pageOf(events.map(({ answer }) => answer).sort(byTime), query, keyOf, 'descending')
  })
}

type Approval = Static<typeof listApprovals.answer>['items'][number]

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
  throw new PolkuError('MODEL_UNKNOWN', { model, found: model, nearest: nearest(model, registry.names, 'model') })
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
