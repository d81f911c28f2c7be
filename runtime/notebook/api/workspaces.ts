import { existsSync, realpathSync } from 'node:fs'
import { PolkuError } from '../../errors/errors.ts'
import { SharedEngine } from './shared-engine.ts'

/** Workspaces that this process opens, and by how many. */
const shared = new Map<string, { readonly engine: Promise<SharedEngine>; users: number }>()
/** Those that are open. */
const engines = new Map<string, SharedEngine>()

/** The engine of the workspace in `root`, one for all that open it; the last who releases it closes it. Throws WORKSPACE_*, DISK_FULL. */
export async function share(root: string): Promise<{ engine: SharedEngine; release: () => Promise<void> }> {
  const folder = existsSync(root) ? realpathSync(root) : root
  const sharing = shared.get(folder) ?? { engine: SharedEngine.open(folder, Date.now), users: 0 }
  shared.set(folder, sharing)
  sharing.users += 1
  let released = false
  const release = async () => {
    if (released) return
    released = true
    sharing.users -= 1
    if (sharing.users > 0) return
    shared.delete(folder)
    engines.delete(folder)
    await (await sharing.engine).close()
  }
  try {
    const engine = await sharing.engine
    engines.set(folder, engine)
    return { engine, release }
  } catch (error) {
    shared.delete(folder)
    throw error
  }
}

/** The engine of the one workspace that is open. Throws PUBLISH_UNCLEAR where there is none or more than one. */
export function sharedEngine(): SharedEngine {
  const [engine, ...others] = engines.values()
  if (engine && others.length === 0) return engine
  throw engine
    ? new PolkuError('PUBLISH_UNCLEAR', {
        reason: `more than one workspace is open: ${[...engines.keys()].join(', ')}`,
        right: 'One open workspace: end with the others by `await workspace.close()` before you publish.',
      })
    : new PolkuError('PUBLISH_UNCLEAR', {
        reason: 'no workspace is open',
        right: 'An open workspace: `const workspace = await open()` before you publish.',
      })
}
