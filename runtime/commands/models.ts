import { join } from 'node:path'
import { Workspace } from '../data/workspace.ts'
import { type VersionOverview, versionOverview } from '../model/overview.ts'
import { ModelRegistry } from '../model/registry.ts'
import { say, sayJson } from './say.ts'

/** Every model with its versions, stages, quality and who approved it on which report. */
export function listModels(workspace: string, { json }: { readonly json: boolean }): void {
  const registry = new ModelRegistry(join(Workspace.open(workspace).root, 'models'))
  const rows = registry.names.flatMap((name) =>
    registry.versions(name).map((version) => {
      const { card: _card, ...row } = versionOverview(registry, name, version)
      return row
    }),
  )
  if (json) sayJson(rows)
  else if (rows.length === 0) say('No models yet. A flow with predict/train makes one.\n')
  else for (const row of rows) say(rowText(row))
}

function rowText({ name, version, stage, kind, target, metrics, approvals, problem }: VersionOverview): string {
  const facts = [`${name}@${version}`, stage, problem ?? `${kind}, predicts ${target}`, quality(metrics)]
  const lines = approvals.map(({ by, at, note, report, lapsed }) => {
    const words = `approved by ${by} on ${at.slice(0, 10)}${report ? `, report ${report}` : ''}${note ? `: ${note}` : ''}`
    return `  ${words}\n${lapsed.length > 0 ? `    lapsed: ${lapsed.join('; ')}\n` : ''}`
  })
  return `${facts.filter((fact) => fact !== '').join('  ')}\n${lines.join('')}`
}

/** The metrics of a card on one line, to four digits. */
function quality(metrics: unknown): string {
  if (metrics === null || typeof metrics !== 'object') return ''
  return Object.entries(metrics)
    .filter(([, value]) => typeof value === 'number')
    .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
    .join(', ')
}
