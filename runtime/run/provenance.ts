import { basename, dirname, join } from 'node:path'
import { ArtifactStore } from '../data/artifacts.ts'
import type { Workspace } from '../data/workspace.ts'
import { type Evidence, evidenceHash } from '../model/approval.ts'
import type { Provenance } from '../model/provenance.ts'
import { RunFolder } from './folder.ts'
import type { RunRecord } from './record.ts'

/** Which models a run's report speaks of and, of those it trained, the files they were learnt from. Undefined for a report that is not a run's. */
export function runProvenance(workspace: Workspace, report: string, model: string): Provenance | undefined {
  const place = dirname(report)
  if (dirname(place) !== workspace.internal('runs') || basename(report) !== 'report.html') return undefined
  const folder = new RunFolder(workspace, basename(place))
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
