import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseDocument } from 'yaml'
import { writeWhole } from '../../../data/files.ts'
import { clientFault, type Workspace } from '../../../data/workspace.ts'
import { isZone } from '../../../data/zone.ts'
import { clientFiles } from '../../../engine/skeletons.ts'
import { asPolkuError, PolkuError } from '../../../errors/errors.ts'
import { isSystemError } from '../../../errors/system-error.ts'
import type { Clients } from '../../../service/clients.ts'

interface NewClient {
  readonly name: string
  readonly title?: string
  readonly timezone?: string
  readonly currency?: string
}

function requireZone(timezone: string | undefined): void {
  if (timezone !== undefined && !isZone(timezone)) throw new PolkuError('SCHEDULE_ZONE', { timezone, actual: timezone })
}

/** Makes a client's workspace, whole or not at all. Throws ALREADY_EXISTS, SCHEDULE_ZONE, DISK_FULL, WORKSPACE_NOT_WRITABLE. */
export function makeClient(clients: Clients, client: NewClient): void {
  requireZone(client.timezone)
  const { name } = client
  const folder = join(clients.folder, name)
  const exists = () => new PolkuError('ALREADY_EXISTS', { path: `The client ${name}`, actual: name })
  if (existsSync(folder) || clients.all().workspaces.has(name)) throw exists()
  // Where no client is looked for, on the same disk.
  const drafts = join(clients.folder, '.polku')
  mkdirSync(drafts, { recursive: true })
  const draft = mkdtempSync(join(drafts, 'client-'))
  try {
    for (const [file, text] of Object.entries(clientFiles(client))) {
      const path = join(draft, file)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
    }
    renameSync(draft, folder)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    if (isSystemError(error, 'ENOTEMPTY', 'EEXIST')) throw exists()
    throw asPolkuError(error, name)
  }
}

interface ClientChange {
  readonly title?: string
  readonly timezone?: string
  readonly currency?: string
  /** null takes a limit away. */
  readonly runs?: Readonly<Record<string, number | null | undefined>>
}

/** Changes a client's client.yaml; its comments and what is not named stay. Throws SCHEDULE_ZONE, WORKSPACE_INVALID. */
export function changeClientFile(workspace: Workspace, { runs = {}, ...facts }: ClientChange): void {
  requireZone(facts.timezone)
  workspace.prepare()
  const file = join(workspace.root, 'client.yaml')
  const document = parseDocument(readFileSync(file, 'utf8'))
  for (const [key, value] of Object.entries(facts)) if (value !== undefined) document.set(key, value)
  for (const [key, value] of Object.entries(runs))
    if (value === null && document.hasIn(['runs', key])) document.deleteIn(['runs', key])
    else if (value !== undefined && value !== null) document.setIn(['runs', key], value)
  const fault = clientFault(document.toJS({ maxAliasCount: 0 }))
  if (fault) throw new PolkuError('WORKSPACE_INVALID', fault)
  writeWhole(file, document.toString(), workspace.internal('tmp'))
}
