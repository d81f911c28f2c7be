import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { PolkuError } from '../errors/errors.ts'
import { kernelCommand } from '../notebook/kernel/command.ts'
import { kernelFolders } from '../notebook/kernel-process/kernelspec.ts'
import { say } from './say.ts'

export interface InstallOptions {
  readonly user: boolean
  readonly prefix?: string
  readonly check: boolean
}

/** Where Jupyter looks first for a person's own kernels. */
const userFolder = (env: NodeJS.ProcessEnv): string => {
  const [first] = kernelFolders({ ...env, JUPYTER_PATH: '' })
  if (first === undefined) throw new PolkuError('USAGE', { reason: 'There is no user’s folder here; give --prefix.' })
  return first
}

/** Writes Polku's kernelspec, with which Jupyter and editors find the kernel. Throws USAGE, KERNEL_NOT_INSTALLED. */
export function installKernel({ user, prefix, check }: InstallOptions, env: NodeJS.ProcessEnv): void {
  if (user && prefix !== undefined) throw new PolkuError('USAGE', { reason: 'Give --user or --prefix, not both.' })
  const kernels = prefix === undefined ? userFolder(env) : join(resolve(prefix), 'share', 'jupyter', 'kernels')
  const folder = join(kernels, 'polku')
  const spec = {
    argv: [...kernelCommand(), ...(check ? [] : ['--check=off'])],
    display_name: 'TypeScript (Polku)',
    language: 'typescript',
    interrupt_mode: 'message',
    metadata: { debugger: false },
  }
  try {
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'kernel.json'), `${JSON.stringify(spec, null, 2)}\n`)
  } catch (error) {
    throw new PolkuError('KERNEL_NOT_INSTALLED', { path: folder, reason: (error as Error).message }, {}, error) // the file system throws errors
  }
  say(`The kernel is installed: ${join(folder, 'kernel.json')}\nChoose “TypeScript (Polku)” in Jupyter or VS Code.\n`)
}
