import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { flowFileAt, flowNames, ownFlowNames } from '../catalogue/flow-files.ts'
import { list, writeWhole } from '../data/files.ts'
import { Workspace } from '../data/workspace.ts'
import { asPolkuError, PolkuErrors } from '../errors/errors.ts'
import { editorSchema } from '../flow/editor-schema.ts'
import { readFlow } from '../flow/read-flow.ts'
import type { Flow } from '../flow/schema.ts'
import { NodeOffer } from './nodes.ts'
import { say } from './say.ts'

/** Where editors find the schema of a workspace's flows. */
const schemaFile = (workspace: Workspace): string => workspace.internal('flow.schema.json')

/** Writes the schema by which editors complete a workspace's flows; gives what could not be used, in words. Throws WORKSPACE_*, DISK_FULL. */
export async function writeSchema(folder: string): Promise<{ file: string; left: string[] }> {
  const workspace = Workspace.open(folder)
  const left: string[] = []
  const offer = new NodeOffer(folder)
  const nodes = await Promise.all(
    offer.names.map(async (name) => {
      try {
        return [await offer.load(name)]
      } catch (error) {
        left.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
        return []
      }
    }),
  )
  const names = ownFlowNames(workspace)
  const own = readable(names, workspace, left)
  const others = readable(
    flowNames(workspace).filter((name) => !names.includes(name)),
    workspace,
    left,
  )
  const text = JSON.stringify(
    editorSchema({
      nodes: nodes.flat(),
      flows: [...new Map([...others, ...own].map((flow) => [flow.flow, flow])).values()],
      params: [...new Set(own.flatMap((flow) => Object.keys(flow.params ?? {})))].sort(),
      models: offer.models,
      datasets: list(workspace.internal('datasets')),
    }),
    null,
    1,
  )
  const file = schemaFile(workspace)
  try {
    workspace.prepare()
    writeWhole(file, text, workspace.internal('tmp'))
  } catch (error) {
    throw asPolkuError(error, workspace.root)
  }
  return { file, left }
}

/** Those of some flows that can be read. */
function readable(names: readonly string[], workspace: Workspace, left: string[]): Flow[] {
  return names.flatMap((name) => {
    const file = flowFileAt(workspace, name)
    try {
      return [readFlow(readFileSync(file, 'utf8'), file).flow]
    } catch (error) {
      if (!(error instanceof PolkuErrors)) throw error
      left.push(`${relative(workspace.root, file)}: it has faults; see polku check`)
      return []
    }
  })
}

/** `polku schema`. */
export async function schema(folder: string): Promise<void> {
  const { file, left } = await writeSchema(folder)
  say(
    `${relative(process.cwd(), file)} lets an editor complete and check the flows. It reads it by the first line of a file in flows/:\n  # yaml-language-server: $schema=../.polku/flow.schema.json\n`,
  )
  for (const reason of left) say(`Left out: ${reason}\n`)
}
