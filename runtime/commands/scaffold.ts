import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Catalogue, families } from '../catalogue/catalogue.ts'
import { Workspace } from '../data/workspace.ts'
import { clientFiles, nodeFiles } from '../engine/skeletons.ts'
import { known, PolkuError } from '../errors/errors.ts'
import { shellWords } from '../errors/shell-words.ts'
import { say } from './say.ts'
import { writeSchema } from './schema.ts'

/** Writes files that must not be there yet. Throws ALREADY_EXISTS before anything is written. */
function writeNew(root: string, files: Readonly<Record<string, string>>): void {
  if (existsSync(root)) throw new PolkuError('ALREADY_EXISTS', { path: root })
  try {
    for (const [name, text] of Object.entries(files)) {
      const path = join(root, name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
    }
  } catch (error) {
    throw known(error, root)
  }
}

/** A workspace in the folder NAME, with sample data and a flow that runs. */
export async function newClient(name: string): Promise<void> {
  if (!/^[a-z][a-z0-9-]{0,63}$/.test(name))
    throw new PolkuError('NAME_INVALID', {
      name,
      found: name,
      right: 'Small letters, digits and dashes, beginning with a letter.',
    })
  writeNew(resolve(name), clientFiles({ name }))
  await writeSchema(resolve(name))
  say(`Made the workspace ${name}. Try:\n  npx polku run first --workspace ${name}\n`)
}

/** A node of the workspace, with a case that holds. */
export function newNode(workspace: string, name: string): void {
  const match = /^([a-z]+)\/([a-z][a-z0-9-]{0,63})$/.exec(name)
  const family = families.find((known) => known === match?.[1])
  if (!match || !family)
    throw new PolkuError('NAME_INVALID', {
      name,
      found: name,
      right: `FAMILY/NAME, where the family is one of ${families.join(', ')}.`,
    })
  if (new Catalogue().names.includes(name))
    throw new PolkuError('NAME_INVALID', {
      name,
      found: name,
      right: 'A name that Polku has no node of, so that it is always clear which one a flow means.',
    })
  const { root } = Workspace.open(workspace)
  writeNew(join(root, 'nodes', family, match[2] ?? ''), nodeFiles(match[2] ?? ''))
  say(
    `Made ${join('nodes', name)} with a case. Try:\n  npx polku test ${name} --workspace ${shellWords([workspace])}\n`,
  )
}
