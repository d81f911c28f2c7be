import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { ArtifactStore } from '../data/artifacts.ts'
import { isModelVersion } from '../data/names.ts'
import type { Workspace } from '../data/workspace.ts'
import { PolkuError } from '../errors/errors.ts'
import { type Evidence, evidenceHash, evidencePath } from '../model/approval.ts'
import { approvalEvidence, notebookProvenance, type Provenance } from '../model/provenance.ts'
import { ModelRegistry } from '../model/registry.ts'
import { RunFolder } from '../run/folder.ts'
import type { RunRecord } from '../run/record.ts'

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
  const provenance = runProvenance(workspace, file, model) ?? notebookProvenance(file)
  const evidence = approvalEvidence(workspace.root, stored, { path, hash }, provenance)
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
  const file = resolve(workspace.root, report)
  if (!existsSync(file))
    throw new PolkuError('FILE_NOT_FOUND', {
      path: report,
      actual: report,
      nearest: 'The report of the run or notebook that trained the model; `polku run` prints its path.',
    })
  return realpathSync(file)
}

/** Which models a run's report speaks of and, of those it trained, the files they were learnt from. Undefined for a report that is not a run's. */
function runProvenance(workspace: Workspace, report: string, model: string): Provenance | undefined {
  const runFolder = dirname(report)
  if (dirname(runFolder) !== workspace.internal('runs') || basename(report) !== 'report.html') return undefined
  const folder = new RunFolder(workspace, basename(runFolder))
  const { record } = folder
  if (!record) return undefined
  const store = new ArtifactStore(workspace.internal('artifacts'), workspace.internal('tmp'))
  const trained = record.steps.map(({ name, key }) => ({ name, models: store.find(key)?.models ?? [] }))
  const learnt = trained.filter(({ models }) => models.includes(model)).map(({ name }) => name)
  return {
    models: trained.flatMap(({ models }) => models.map((reference) => ({ reference }))),
    evidence: filesBehind(workspace, folder, record, learnt),
  }
}

/** The files and dataset snapshots that reached the steps, directly or through others. */
function filesBehind(
  workspace: Workspace,
  folder: RunFolder,
  { steps }: RunRecord,
  names: readonly string[],
): Evidence[] {
  const behind = new Set(names)
  for (const name of behind)
    for (const { step } of steps.find((candidate) => candidate.name === name)?.from ?? []) behind.add(step)
  return [...behind].flatMap((step) =>
    Object.entries(folder.ingredients(step)?.sources ?? {}).flatMap(([source, hash]) => {
      const [kind, ...name] = source.split(' ')
      if (kind === 'file') return [{ kind: 'data' as const, path: name.join(' '), hash }]
      return kind === 'dataset' ? snapshots(workspace, name.join(' '), hash) : []
    }),
  )
}

/** The Parquet files of a dataset's version, which name them. What is appended later is no change of these. */
function snapshots(workspace: Workspace, dataset: string, version: string): Evidence[] {
  return version.split(',').flatMap((file) => {
    const path = workspace.internal('datasets', dataset, file)
    const hash = file === '' ? undefined : evidenceHash(path)
    return hash === undefined ? [] : [{ kind: 'data' as const, path: join('.polku', 'datasets', dataset, file), hash }]
  })
}
