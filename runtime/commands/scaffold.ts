import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { splitNewName } from '../catalogue/catalogue.ts'
import { projectRoot } from '../data/installation.ts'
import { isName } from '../data/names.ts'
import { Workspace } from '../data/workspace.ts'
import { clientFiles, nodeFiles } from '../engine/skeletons.ts'
import { asPolkuError, PolkuError } from '../errors/errors.ts'
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
    throw asPolkuError(error, root)
  }
}

/** A workspace in the folder NAME, with sample data and a flow that runs. */
export async function newClient(name: string): Promise<void> {
  if (!isName(name))
    throw new PolkuError('NAME_INVALID', {
      name,
      actual: name,
      right: 'Small letters, digits and dashes, beginning with a letter.',
    })
  writeNew(resolve(name), clientFiles({ name }))
  await writeSchema(resolve(name))
  say(`Made the workspace ${name}. Try:\n  npx polku run first --workspace ${name}\n`)
}

/** A node of the workspace, or one of Polku's own in this checkout, with a case that holds. */
export function newNode(
  workspace: string,
  name: string,
  { builtin = false }: { readonly builtin?: boolean } = {},
): void {
  const { family, node } = splitNewName(name)
  if (builtin) {
    writeNew(join(projectRoot, 'nodes', family, node), nodeFiles(node, 'builtin'))
    say(
      `Made ${join('nodes', name)} with a case. Try:\n  npx polku test ${name}\nand, for the documentation and the types that are made from it:\n  npm run catalogue\n`,
    )
    return
  }
  const { root } = Workspace.open(workspace)
  writeNew(join(root, 'nodes', family, node), nodeFiles(node, 'own'))
  say(
    `Made ${join('nodes', name)} with a case. Try:\n  npx polku test ${name} --workspace ${shellWords([workspace])}\n`,
  )
}
