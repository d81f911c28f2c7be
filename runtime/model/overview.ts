import { PolkuError } from '../errors/errors.ts'
import type { JudgedApproval, ModelRegistry } from './registry.ts'

interface StandingApproval {
  readonly by: string
  readonly at: string
  readonly note?: string
  /** Its path, relative to the workspace. */
  readonly report?: string
  readonly holds: boolean
  /** Why it no longer holds, in words. */
  readonly lapsed: readonly string[]
}

/** A version of a model for those who judge it. */
export interface VersionOverview {
  readonly name: string
  readonly version: number
  /** lapsed: what its approvals rest on has changed since. */
  readonly stage: 'draft' | 'approved' | 'lapsed' | 'retired' | 'damaged'
  readonly kind?: string
  readonly target?: string
  readonly metrics?: unknown
  readonly intendedUse?: unknown
  readonly card?: Readonly<Record<string, unknown>>
  /** What stands of who approved it, oldest first. */
  readonly approvals: readonly StandingApproval[]
  readonly problem?: string
}

/** What is known of a version of a model; of a damaged one, what is wrong with it. */
export function versionOverview(registry: ModelRegistry, name: string, version: number): VersionOverview {
  const approvals = registry.approvals(name, version).map(standing)
  const last = registry.stages(name).findLast((event) => event.version === version)
  const holds = approvals.some((approval) => approval.holds)
  const stage = last?.stage !== 'approved' ? (last?.stage ?? 'draft') : holds ? 'approved' : 'lapsed'
  try {
    const { kind, target, card } = registry.load(`${name}@${version}`)
    const { metrics, intendedUse } = card
    return {
      ...{ name, version, stage, kind, metrics, approvals },
      target: `${target.column} = ${target.positive}`,
      intendedUse: intendedUse || undefined,
      card: { ...card },
    }
  } catch (error) {
    // One damaged version hides no other.
    if (!(error instanceof PolkuError)) throw error
    return { name, version, stage: 'damaged', approvals, problem: error.message }
  }
}

const standing = ({ by, at, note, evidence, lapsed }: JudgedApproval): StandingApproval => ({
  ...{ by, at, note, lapsed },
  report: evidence?.find(({ kind }) => kind === 'report')?.path,
  holds: lapsed.length === 0,
})
