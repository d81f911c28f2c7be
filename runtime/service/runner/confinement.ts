import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../data/installation.ts'
import { kernelFolders } from '../../notebook/kernel-process/kernelspec.ts'

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
