import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Approval, evidenceHash } from '../../../runtime/model/approval.ts'
import type { ModelRegistry } from '../../../runtime/model/registry.ts'

/** An approval of a stored version on a report that is written beside the registry's folder. */
export function approval(models: string, registry: ModelRegistry, name: string, version: number): Approval {
  const report = join(dirname(models), `${name}-${version}.html`)
  writeFileSync(report, `<!doctype html><title>${name}@${version}</title>`)
  return {
    version,
    stage: 'approved',
    by: 'Aino Esimerkki',
    at: '2026-10-01T08:00:00Z',
    model: registry.load(`${name}@${version}`).hash,
    evidence: [{ kind: 'report', path: `${name}-${version}.html`, hash: evidenceHash(report) ?? '' }],
  }
}
