import { join } from 'node:path'
import { PolkuError } from '../errors.ts'
import { openWorkspace } from '../main.ts'
import { ModelRegistry } from '../model/registry.ts'
import { say, sayJson } from './say.ts'

const registryOf = (workspace: string): ModelRegistry =>
  new ModelRegistry(join(openWorkspace(workspace).root, 'models'))

/** Every model with its versions, stages and quality. */
export function listModels(workspace: string, { json }: { readonly json: boolean }): void {
  const registry = registryOf(workspace)
  const rows = registry.names.flatMap((name) => {
    const stages = registry.stages(name)
    return registry.versions(name).map((version) => {
      const { kind, target, card } = registry.load(`${name}@${version}`)
      const event = stages.findLast((stage) => stage.version === version)
      return {
        name,
        version,
        stage: event?.stage ?? 'draft',
        by: event?.by,
        kind,
        target: `${target.column} = ${target.positive}`,
        metrics: card.metrics,
      }
    })
  })
  if (json) sayJson(rows)
  else if (rows.length === 0) say('No models yet. A flow with predict/train makes one.\n')
  else
    for (const { name, version, stage, by, kind, target, metrics } of rows)
      say(
        `${name}@${version}  ${stage}${by ? ` by ${by}` : ''}  ${kind}, predicts ${target}  ${metrics ? JSON.stringify(metrics) : ''}\n`,
      )
}

/** Approves one version. Throws USAGE where no version is named, MODEL_UNKNOWN. */
export function approve(
  workspace: string,
  model: string,
  { by, note }: { readonly by: string; readonly note?: string },
): void {
  const match = /^([a-z][a-z0-9-]*)@(\d+)$/.exec(model)
  if (!match)
    throw new PolkuError('USAGE', { reason: `${model} is not a model’s version; write NAME@VERSION, such as churn@3.` })
  const [, name = '', version = ''] = match
  registryOf(workspace).setStage(name, {
    version: Number(version),
    stage: 'approved',
    by,
    note,
    at: new Date().toISOString(),
  })
  say(`${model} is approved by ${by}. Flows that use model/${name}@approved now use it.\n`)
}
