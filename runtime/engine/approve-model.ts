import { existsSync, realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isModelVersion } from '../data/names.ts'
import type { Workspace } from '../data/workspace.ts'
import { PolkuError } from '../errors/errors.ts'
import { evidenceHash, evidencePath } from '../model/approval.ts'
import { approvalEvidence, notebookProvenance } from '../model/provenance.ts'
import { ModelRegistry } from '../model/registry.ts'
import { runProvenance } from '../run/provenance.ts'

interface ApprovalRequest {
  /** NAME@VERSION. */
  readonly model: string
  /** Where the report is: absolute, or relative to the workspace. */
  readonly report: string
  readonly by: string
  readonly note?: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/**
 * Makes `model/NAME@approved` mean a version for as long as the model, the report and the notebook and data behind
 * it are as they are now. Throws USAGE where no version is named, MODEL_UNKNOWN, MODEL_DAMAGED, FILE_NOT_FOUND,
 * REPORT_UNRELATED and EVIDENCE_CHANGED.
 */
export function approveModel(workspace: Workspace, { model, report, by, note, now }: ApprovalRequest): void {
  if (!isModelVersion(model))
    throw new PolkuError('USAGE', { reason: `${model} is not a model’s version; write NAME@VERSION, such as churn@3.` })
  if (by.trim() === '') throw new PolkuError('USAGE', { reason: '--by is empty; write the name of who approves.' })
  const registry = new ModelRegistry(join(workspace.root, 'models'))
  const stored = registry.load(model)
  const file = findReport(workspace, report)
  const path = evidencePath(workspace.root, file)
  const hash = evidenceHash(file)
  if (hash === undefined) throw new PolkuError('FILE_UNREADABLE', { path, reason: 'it is not a regular file' })
  const told = runProvenance(workspace, file, model) ?? notebookProvenance(file)
  const evidence = approvalEvidence(workspace.root, stored, { path, hash }, told)
  registry.setStage(stored.name, {
    version: stored.version,
    stage: 'approved',
    by,
    note,
    at: new Date(now).toISOString(),
    model: stored.hash,
    evidence,
  })
}

function findReport(workspace: Workspace, report: string): string {
  const found = resolve(workspace.root, report)
  if (!existsSync(found))
    throw new PolkuError('FILE_NOT_FOUND', {
      path: report,
      found: report,
      nearest: 'The report of the run or notebook that trained the model; `polku run` prints its path.',
    })
  return realpathSync(found)
}
