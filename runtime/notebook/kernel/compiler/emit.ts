import ts from 'typescript'
import { head } from '../stack.ts'
import { cellTransformer } from './transform.ts'

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  isolatedModules: true,
  noLib: true,
  noResolve: true,
  types: [],
  sourceMap: true,
  useDefineForClassFields: true,
}

export interface Emitted {
  readonly script: string
  readonly map: string
  /** What is no TypeScript at all. */
  readonly faults: readonly ts.Diagnostic[]
}

/** Makes a cell's code a script. It knows of no other file: `earlier` are the names of earlier cells. */
export function emitCell(cell: string, code: string, earlier: ReadonlySet<string>): Emitted {
  const name = `${cell}.ts`
  const file = ts.createSourceFile(
    name,
    code,
    { languageVersion: ts.ScriptTarget.ESNext, setExternalModuleIndicator: markModule },
    true,
  )
  const written = new Map<string, string>()
  const host: ts.CompilerHost = {
    getSourceFile: (path) => (path === name ? file : undefined),
    getDefaultLibFileName: () => 'lib.d.ts',
    writeFile: (path, text) => void written.set(path, text),
    getCurrentDirectory: () => '',
    getCanonicalFileName: (path) => path,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => '\n',
    fileExists: (path) => path === name,
    readFile: () => undefined,
  }
  const program = ts.createProgram([name], options, host)
  const faults = program.getSyntacticDiagnostics(file)
  if (faults.length > 0) return { script: '', map: '', faults }
  program.emit(file, undefined, undefined, false, { before: [cellTransformer(program.getTypeChecker(), earlier)] })
  const text = (written.get(`${cell}.js`) ?? '')
    .replace(/\/\/# sourceMappingURL=.*\n?$/, '')
    // What TypeScript adds to a module that exports nothing.
    .replace(/export \{\};\s*$/, '')
  return { script: `${head}${text}\n})`, map: written.get(`${cell}.js.map`) ?? '', faults: [] }
}

/** Every cell is a module: it may await at its top level. */
function markModule(file: ts.SourceFile): void {
  Object.assign(file, { externalModuleIndicator: file })
}
