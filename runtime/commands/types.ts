import { rmSync } from 'node:fs'
import { relative } from 'node:path'
import { Workspace } from '../data/workspace.ts'
import { ownTypes, typesFile } from '../notebook/api/own-types.ts'
import { say } from './say.ts'

/** Writes the types of the workspace's own nodes for editors. Throws WORKSPACE_*, DISK_FULL. */
export async function writeTypes(folder: string): Promise<void> {
  const workspace = Workspace.open(folder)
  workspace.prepare()
  const types = await ownTypes(workspace.root)
  const file = typesFile(workspace.root)
  if (types === '') {
    // Of nodes that are no more.
    rmSync(file, { force: true })
    say('This workspace has no nodes of its own.\n')
    return
  }
  say(
    `${relative(process.cwd(), file)} types the workspace’s own nodes. An editor reads it where a tsconfig.json includes it.\n`,
  )
  for (const [, reason] of types.matchAll(/^ +\* (The node \S+ cannot be used: .*)$/gm)) say(`${reason}\n`)
}
