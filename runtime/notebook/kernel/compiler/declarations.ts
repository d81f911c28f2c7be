import { join, sep } from 'node:path'
import ts from 'typescript'
import { projectRoot } from '../../../data/installation.ts'

// What cells import of Polku is known to the type checker by its declarations alone: its functions' bodies, and what
// only these or other parts of Polku use (marked @internal), would make it load the types of DuckDB, TF.js and more.

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  declaration: true,
  isolatedDeclarations: true,
  stripInternal: true,
  allowImportingTsExtensions: true,
}

const rooms = ['runtime', 'nodes'].map((room) => join(projectRoot, room) + sep)

/** Whether a file is a source of Polku's own, seen from a notebook in `folder`: one among them sees them as they are. */
export const isOwn = (file: string, folder: string): boolean =>
  file.endsWith('.ts') && rooms.some((room) => file.startsWith(room) && !(folder + sep).startsWith(room))

/** The declarations of a source; the source itself where not all that it exports says its type. */
export function declarationsOf(file: string, source: string): string {
  const transpileOptions = { fileName: file, compilerOptions: options, reportDiagnostics: true }
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(source, transpileOptions)
  return diagnostics.length > 0 ? source : outputText
}
