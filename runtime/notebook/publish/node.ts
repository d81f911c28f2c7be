import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { stringify } from 'yaml'
import { sql } from '../../../nodes/lib/sql.ts'
import type { NodeDefinition } from '../../../nodes/node.ts'
import { Catalogue, splitNewName } from '../../catalogue/catalogue.ts'
import { list } from '../../data/files.ts'
import { temporaryPath } from '../../data/stale-temporary.ts'
import { CaseRunner } from '../../engine/cases.ts'
import { PolkuError } from '../../errors/errors.ts'
import { isSystemError } from '../../errors/system-error.ts'
import { type GivenTable, tableOf } from '../api/result.ts'
import type { SharedEngine } from '../api/shared-engine.ts'
import { nodeCode } from './node-code.ts'

export interface NodePublication {
  /** The text of the node's file, or what `defineNode` of `polku/node` gives; its functions may use `polku/sql` and nothing else of the notebook. */
  readonly code: string | object
  /** A table for each input; their first rows become the case. */
  readonly sample: Readonly<Record<string, GivenTable>>
  /** The settings of the case. */
  readonly with?: Readonly<Record<string, unknown>>
  /** What the case shows. */
  readonly about?: string
  /** Rows of each table that the case keeps. */
  readonly rows?: number
}

interface PublishedNode {
  readonly name: string
  /** Its folder, absolute. */
  readonly folder: string
  /** False where the same node was there. */
  readonly isNew: boolean
}

const invalid = (node: string, reason: string, right: string) =>
  new PolkuError('NODE_INVALID', { node, reason, right, actual: node })

/** @internal
 * Writes a node of the workspace's own with one case made from a sample, after it has run and its case holds.
 * The same node again is left as it is; another one of that name is never written over.
 * Throws NAME_INVALID, NODE_INVALID, ALREADY_EXISTS, INPUT_NOT_TABLE.
 */
export async function publishNode(
  engine: SharedEngine,
  name: string,
  publication: NodePublication,
): Promise<PublishedNode> {
  const { family, node } = splitNewName(name)
  const folder = join(engine.root, 'nodes', family, node)
  const draft = temporaryPath(engine.workspace.internal('tmp'), 'node')
  const inner = join(draft, 'nodes', family, node)
  try {
    mkdirSync(inner, { recursive: true })
    writeFileSync(join(inner, `${node}.ts`), codeOf(name, publication.code))
    await writeCase(engine, name, join(inner, 'cases', 'sample'), publication)
    await prove(name, draft, join(inner, 'cases', 'sample'))
    return { name, folder, isNew: install(inner, folder) }
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

function codeOf(name: string, code: string | object): string {
  if (typeof code === 'string') return code.endsWith('\n') ? code : `${code}\n`
  const missing = ['title', 'summary', 'inputs', 'params', 'outputs', 'run'].filter((key) => !(key in code))
  if (missing.length > 0)
    throw invalid(name, `it has no ${missing.join(', ')}`, 'code: defineNode({ … }), or the text of a file with it')
  return nodeCode(code as NodeDefinition) // each part was just found; the case proves that they fit
}

async function writeCase(
  engine: SharedEngine,
  name: string,
  folder: string,
  publication: NodePublication,
): Promise<void> {
  const { sample, with: settings = {}, about = 'A sample from the notebook that made it', rows = 20 } = publication
  if (!Number.isInteger(rows) || rows < 1 || rows > 1000)
    throw invalid(name, `its case would keep ${rows} rows`, 'rows: a whole number from 1 to 1000')
  mkdirSync(folder, { recursive: true })
  const types: Record<string, Record<string, string>> = {}
  for (const [input, value] of Object.entries(sample ?? {})) {
    const table = tableOf(value)
    if (!/^\w+$/.test(input) || !table?.isOf(engine))
      throw new PolkuError('INPUT_NOT_TABLE', { input, value: typeof value, right: `sample: { ${input}: TABLE }` })
    types[input] = Object.fromEntries(table.columns().map((column) => [column.name, column.type]))
    await engine.database.writeCsv(sql`from ${table.stored} limit ${rows}`, join(folder, `${input}.csv`), ',')
  }
  writeFileSync(join(folder, 'case.yaml'), stringify({ about, with: settings, types }))
}

/** Runs the case twice: the first time what comes out is written as expected, the second time it must come again. */
async function prove(name: string, workspace: string, folder: string): Promise<void> {
  const node = await new Catalogue(workspace).load(name)
  const runner = await CaseRunner.open()
  try {
    for (const bless of [true, false]) {
      const { differences } = await runner.run(node, folder, { bless })
      if (differences.length > 0)
        throw invalid(
          name,
          differences.join('; '),
          'Code that runs by itself on the sample: what it uses beside its arguments is imported in it, and equal input gives equal output.',
        )
    }
  } finally {
    runner.close()
  }
}

/** Puts a node's folder in its place. False where the same is there; throws ALREADY_EXISTS where another is. */
function install(draft: string, folder: string): boolean {
  if (!existsSync(folder)) {
    mkdirSync(dirname(folder), { recursive: true })
    try {
      renameSync(draft, folder)
      return true
    } catch (error) {
      if (!isSystemError(error, 'ENOTEMPTY', 'EEXIST')) throw error
    }
  }
  if (JSON.stringify(contents(draft)) !== JSON.stringify(contents(folder)))
    throw new PolkuError('ALREADY_EXISTS', { path: folder, actual: folder })
  return false
}

/** Every file under a folder with its text, by path. */
function contents(folder: string, root = folder): [string, string][] {
  return list(folder).flatMap((name): [string, string][] => {
    const path = join(folder, name)
    if (statSync(path).isDirectory()) return contents(path, root)
    return [[relative(root, path), readFileSync(path, 'utf8')]]
  })
}
