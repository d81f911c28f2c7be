import { join } from 'node:path'
import { PolkuError } from '../errors.ts'
import { openWorkspace } from '../main.ts'
import { type JudgedApproval, ModelRegistry } from '../model/registry.ts'
import { say, sayJson } from './say.ts'

interface ApprovalRow {
  readonly by: string
  readonly at: string
  readonly note?: string
  readonly report?: string
  readonly holds: boolean
  /** Why it no longer holds, in words. */
  readonly lapsed: readonly string[]
}

interface ModelRow {
  readonly name: string
  readonly version: number
  readonly stage: 'draft' | 'approved' | 'lapsed' | 'retired' | 'damaged'
  readonly kind?: string
  readonly target?: string
  readonly metrics?: unknown
  readonly intendedUse?: unknown
  /** What stands of who approved it, oldest first. */
  readonly approvals: readonly ApprovalRow[]
  readonly problem?: string
}

/** Every model with its versions, stages, quality and who approved it on which report. */
export function listModels(workspace: string, { json }: { readonly json: boolean }): void {
  const registry = new ModelRegistry(join(openWorkspace(workspace).root, 'models'))
  const rows = registry.names.flatMap((name) =>
    registry.versions(name).map((version) => modelRow(registry, name, version)),
  )
  if (json) sayJson(rows)
  else if (rows.length === 0) say('No models yet. A flow with predict/train makes one.\n')
  else for (const row of rows) say(rowText(row))
}

function modelRow(registry: ModelRegistry, name: string, version: number): ModelRow {
  const approvals = registry.approvals(name, version).map(approvalRow)
  const last = registry.stages(name).findLast((event) => event.version === version)
  const holds = approvals.some((approval) => approval.holds)
  const stage = last?.stage !== 'approved' ? (last?.stage ?? 'draft') : holds ? 'approved' : 'lapsed'
  try {
    const { kind, target, card } = registry.load(`${name}@${version}`)
    const { metrics, intendedUse } = card
    return {
      name,
      version,
      stage,
      kind,
      target: `${target.column} = ${target.positive}`,
      metrics,
      intendedUse: intendedUse || undefined,
      approvals,
    }
  } catch (error) {
    // One damaged version hides no other.
    if (!(error instanceof PolkuError)) throw error
    return { name, version, stage: 'damaged', approvals, problem: error.message }
  }
}

const approvalRow = ({ by, at, note, evidence, lapsed }: JudgedApproval): ApprovalRow => ({
  by,
  at,
  note,
  report: evidence?.find(({ kind }) => kind === 'report')?.path,
  holds: lapsed.length === 0,
  lapsed,
})

function rowText({ name, version, stage, kind, target, metrics, approvals, problem }: ModelRow): string {
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
