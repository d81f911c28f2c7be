import { existsSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve, sep } from 'node:path'
import type { Workspace } from '../../../data/workspace.ts'
import { approveModel } from '../../../engine/approval.ts'
import { PolkuError } from '../../../errors/errors.ts'
import type { Publisher } from '../../../model/publisher.ts'
import { ModelRegistry } from '../../../model/registry.ts'
import { RunFolder } from '../../../run/folder.ts'
import { renderRunReport } from '../../../run/report/report.ts'
import type { Service } from '../../../service/service.ts'
import { workspaceOf } from '../../access/clients.ts'
import type { Person } from '../../access/person.ts'

interface Approved {
  readonly model: string
  readonly version: number
  /** The report's path in the workspace. */
  readonly report: string
  readonly note?: string
}

/**
 * Approves a version of a client's model on a report of the workspace, in the name of a person other than the one who
 * published it. Throws CLIENT_UNKNOWN, APPROVER_PUBLISHED, FILE_NOT_FOUND, and what approving itself throws.
 */
export function approveInService(
  service: Service,
  client: string,
  { model, version, report, note }: Approved,
  person: Pick<Person, 'id' | 'name'>,
  now: number,
): void {
  const workspace = workspaceOf(service, client)
  const reference = `${model}@${version}`
  const publisher = new ModelRegistry(join(workspace.root, 'models')).publisher(model, version)
  if (publisher && isSame(publisher, person))
    throw new PolkuError('APPROVER_PUBLISHED', { by: person.name, model: reference })
  const file = reportOf(workspace, report)
  approveModel(workspace, { model: reference, report: file, by: person.name, note, now })
}

/** On the command line a person is known by the system's name only: who bears the same is taken to be the same. */
const isSame = (publisher: Publisher, { id, name }: Pick<Person, 'id' | 'name'>): boolean =>
  publisher.person === id || publisher.name.trim().toLowerCase() === name.trim().toLowerCase()

/** The report's file, in the workspace. A run's report that nobody has opened yet is made now. */
function reportOf(workspace: Workspace, report: string): string {
  const missing = () =>
    new PolkuError('FILE_NOT_FOUND', {
      path: report,
      actual: report,
      nearest: 'The report of the run or notebook that trained the model, by its path in the workspace.',
    })
  if (report.includes('\0')) throw missing()
  const file = resolve(workspace.root, report)
  if (!file.startsWith(workspace.root + sep)) throw missing()
  const folder = dirname(file)
  if (basename(file) === 'report.html' && dirname(folder) === workspace.internal('runs'))
    renderRunReport(new RunFolder(workspace, basename(folder)))
  if (!existsSync(file) || !realpathSync(file).startsWith(workspace.root + sep)) throw missing()
  return file
}
