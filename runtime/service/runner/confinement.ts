import { readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileOfVersion, flowFile } from '../../catalogue/flow-files.ts'
import { projectRoot } from '../../data/installation.ts'
import type { Workspace } from '../../data/workspace.ts'
import { PolkuError, PolkuErrors } from '../../errors/errors.ts'
import { isSystemError } from '../../errors/system-error.ts'
import { kernelFolders } from '../../notebook/kernel-process/kernelspec.ts'
import type { RunRow } from '../queue/run.ts'

/** What of Polku a run reads: all but the examples, which are clients too. */
const rooms = ['runtime', 'nodes', 'flows', 'notebooks', 'node_modules', 'package.json', 'tsconfig.json']

/** What libraries look at to know the system: zeromq the one, and Node the other where it sends a request. */
const systemFiles = ['/etc/alpine-release', '/etc/ssl', '/etc/hosts', '/etc/resolv.conf', '/usr/share/zoneinfo']

/** Node's warnings that what is allowed here could leave the confinement: README says so. */
const expectedWarnings = ['PERM0001', 'PERM0002', 'PERM0006']

/** Where processes of a client put temporary files and what they have compiled: never where others read it, it is code. */
export const temporaryOf = (folder: string): string => join(folder, '.polku', 'tmp')
export const codeCacheOf = (folder: string): string => join(folder, '.polku', 'code')

/**
 * Node's arguments that confine a process's JavaScript to a client's folder: it reads Polku besides, and starts other
 * programs only where its flow has notebooks, whose kernels are processes. Those are confined alike where they are
 * Node's.
 */
export function confinement(folder: string, { notebooks }: { readonly notebooks: boolean }): string[] {
  const polku = [projectRoot, realpathSync(projectRoot)].flatMap((root) => rooms.map((room) => join(root, room)))
  const read = [...polku, ...systemFiles, ...kernelFolders(process.env), folder]
  return [
    '--permission',
    '--allow-addons',
    '--allow-worker',
    ...(notebooks ? ['--allow-child-process'] : []),
    ...new Set(read.map((path) => `--allow-fs-read=${path}`)),
    `--allow-fs-write=${folder}`,
    ...expectedWarnings.map((code) => `--disable-warning=${code}`),
  ]
}

/** Whether the flow of a run names a notebook: its process may then start kernels. */
export function usesNotebooks(workspace: Workspace, { flow, version }: Pick<RunRow, 'flow' | 'version'>): boolean {
  try {
    const path = version === null ? flowFile(workspace, flow) : fileOfVersion(workspace, flow, version)
    return /\bnotebook\//.test(readFileSync(path, 'utf8'))
  } catch (error) {
    // The run itself will say what is wrong with its flow.
    if (error instanceof PolkuError || error instanceof PolkuErrors) return false
    if (isSystemError(error, 'ENOENT')) return false
    throw error
  }
}
