import type { Preprocessing } from '../../nodes/lib/features.ts'
import { settings } from '../../nodes/node.ts'
import type { Catalogue, CatalogueNode } from '../catalogue/catalogue.ts'
import type { ModelRegistry } from '../model/registry.ts'

/** As what flows can use the models there are: `churn@approved` where somebody approved it, and `churn@draft`, the newest. */
export const modelReferences = (models: ModelRegistry): string[] =>
  models.names.flatMap((name) => [
    ...(models.stages(name).some(({ stage }) => stage === 'approved') ? [`${name}@approved`] : []),
    `${name}@draft`,
  ])

/**
 * A stored model as the node that a flow uses by `model/NAME@VERSION`: predict/score with that model in it.
 * Throws MODEL_UNKNOWN, MODEL_DAMAGED, MODEL_NOT_APPROVED, MODEL_APPROVAL_LAPSED.
 */
export async function modelNode(
  reference: string,
  models: ModelRegistry,
  catalogue: Catalogue,
): Promise<CatalogueNode> {
  const { name, version, kind, target, preprocessing, card } = models.load(reference)
  const score = await catalogue.load('predict/score')
  const { features } = preprocessing as Preprocessing // predict/train, or publishing, made it
  const { model: _, ...params } = score.definition.params.properties
  const { noModel: _none, twoModels: _two, ...errors } = score.definition.errors ?? {}
  const said = (heading: string, text: unknown) =>
    typeof text === 'string' && text !== '' ? ` ${heading}: ${text}` : ''
  return {
    ...score,
    name: `model/${reference}`,
    definition: {
      ...score.definition,
      title: `The model ${name}, version ${version}`,
      summary: `Gives every customer the probability that ${target.column} is ${target.positive} (${kind}).${said('For', card.intendedUse)}${said('Limits', card.limits)}`,
      inputs: {
        customers: {
          description: `Customers, one row each, with ${features.map(({ column }) => column).join(', ')}`,
        },
      },
      params: settings(params),
      errors,
    },
  }
}
