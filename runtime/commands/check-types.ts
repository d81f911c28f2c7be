import { readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import type ts from 'typescript'
import type { CatalogueNode } from '../catalogue/catalogue.ts'
import { ownNodesFolder } from '../catalogue/stack.ts'
import { readIfThere, writeWhole } from '../data/files.ts'
import { hashText } from '../data/hash.ts'
import { polkuVersion, projectRoot } from '../data/installation.ts'
import type { Workspace } from '../data/workspace.ts'
import { PolkuError } from '../errors/errors.ts'

const mostRemembered = 500

/** Where the modules lie that Polku's package gives by its name, for TypeScript. */
function polkuPaths(): Record<string, string[]> {
  const { name, exports } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
    name: string
    exports: Record<string, string>
  } // our own
  return Object.fromEntries(
    Object.entries(exports).map(([path, file]) => [`${name}${path.slice(1)}`, [join(projectRoot, file)]]),
  )
}

/**
 * What is wrong with the types of those of these nodes that are the workspace's own: NODE_TYPES with file, line and column
 * each. That takes some seconds, so that code which is sound is remembered by its hash.
 */
export async function typeFaults(workspace: Workspace, nodes: readonly CatalogueNode[]): Promise<PolkuError[]> {
  const own = [...new Set(nodes.filter(({ file }) => ownNodesFolder(file) !== undefined))]
  const file = workspace.internal('sound-types.json')
  const remembered = readIfThere<readonly string[]>(file) ?? []
  const hashOf = ({ code }: CatalogueNode) => hashText(`${polkuVersion} ${code}`)
  const files = own.filter((node) => !remembered.includes(hashOf(node))).map((node) => node.file)
  if (files.length === 0) return []
  const faults = await faultsOf(workspace.root, files)
  const sound = own.map(hashOf)
  if (faults.length === 0) {
    workspace.prepare()
    writeWhole(
      file,
      JSON.stringify([...new Set([...remembered, ...sound])].slice(-mostRemembered)),
      workspace.internal('tmp'),
    )
  }
  return faults
}

async function faultsOf(root: string, files: readonly string[]): Promise<PolkuError[]> {
  // Loaded only here, since it is large.
  const { default: compiler } = await import('typescript')
  const options: ts.CompilerOptions = {
    target: compiler.ScriptTarget.ESNext,
    module: compiler.ModuleKind.ESNext,
    moduleResolution: compiler.ModuleResolutionKind.Bundler,
    lib: ['lib.esnext.d.ts'],
    types: ['node'],
    typeRoots: [join(projectRoot, 'node_modules', '@types')],
    paths: polkuPaths(),
    strict: true,
    // Node takes the types away and does no more.
    verbatimModuleSyntax: true,
    erasableSyntaxOnly: true,
    allowImportingTsExtensions: true,
    noEmit: true,
    skipLibCheck: true,
  }
  const program = compiler.createProgram([...files], options)
  return program
    .getSourceFiles()
    .filter(({ fileName }) => fileName.startsWith(join(root, 'nodes') + sep) && !fileName.includes('/node_modules/'))
    .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
    .map(({ file, start = 0, messageText }) => {
      const { line = 0, character = 0 } = file?.getLineAndCharacterOfPosition(start) ?? {}
      const reason = compiler.flattenDiagnosticMessageText(messageText, ' ').replaceAll(/\s+/g, ' ')
      return new PolkuError('NODE_TYPES', { reason }, { file: file?.fileName, line: line + 1, column: character + 1 })
    })
}
