import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Catalogue, type CatalogueNode } from '../catalogue/catalogue.ts'
import { list } from '../data/files.ts'
import { Workspace } from '../data/workspace.ts'
import { CaseRunner } from '../engine/cases.ts'
import { PolkuError } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'
import { say } from './say.ts'

/** Runs the cases of the workspace's own nodes, or of one node. Exit code 1 where one differs, or a node has none. */
export async function test(
  workspace: string,
  name: string | undefined,
  { bless }: { readonly bless: boolean },
): Promise<void> {
  // Polku's own nodes are there without a workspace, too.
  const isWorkspace = name === undefined || existsSync(join(workspace, 'client.yaml'))
  const catalogue = new Catalogue(isWorkspace ? Workspace.open(workspace).root : undefined)
  if (name?.startsWith('notebook/') || name?.startsWith('model/'))
    throw new PolkuError('USAGE', { reason: `${name} has no cases: only nodes do.` })
  const chosen = name ? [name] : [...catalogue.own, ...catalogue.shadowing]
  if (chosen.length === 0)
    throw new PolkuError('NODE_UNKNOWN', { node: 'of its own in this workspace', nearest: nearest('', [], 'node') })
  const runner = await CaseRunner.open()
  try {
    let failed = 0
    for (const each of chosen) failed += await testNode(each, catalogue, runner, bless)
    process.exitCode = failed > 0 ? 1 : 0
  } finally {
    runner.close()
  }
}

/** Runs the cases of a node; how many of them failed. One that cannot be used, or has no case, is a failure too. */
async function testNode(name: string, catalogue: Catalogue, runner: CaseRunner, bless: boolean): Promise<number> {
  const node = await loaded(name, catalogue)
  if (!node) return 1
  const folder = join(dirname(node.file), 'cases')
  const cases = list(folder).filter((each) => statSync(join(folder, each)).isDirectory())
  if (cases.length === 0) {
    say(
      `FAILED ${name}\n       It has no cases, so nothing proves it. A case is a folder in cases/ with case.yaml and its inputs.\n`,
    )
    return 1
  }
  let failed = 0
  for (const one of cases) {
    const { differences } = await runner.run(node, join(folder, one), { bless })
    if (differences.length > 0) failed += 1
    say(
      `${differences.length === 0 ? 'ok    ' : 'FAILED'} ${name} ${one}\n${differences.map((difference) => `       ${difference.replaceAll('\n', '\n       ')}\n`).join('')}`,
    )
  }
  return failed
}

/** A node that cannot be used is told, and keeps no other from being tested. */
async function loaded(name: string, catalogue: Catalogue): Promise<CatalogueNode | undefined> {
  try {
    return await catalogue.load(name)
  } catch (error) {
    if (!(error instanceof PolkuError) || error.code !== 'NODE_INVALID') throw error
    say(`FAILED ${name}\n       ${error.message}\n`)
    return undefined
  }
}
