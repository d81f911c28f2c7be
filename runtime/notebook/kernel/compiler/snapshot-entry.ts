import type typescript from 'typescript'
import type { SnapshotPlan } from './snapshot.ts'

// The end of the script that a snapshot of the type checker is made from: TypeScript stands before it, and its plan.
// Nothing can be imported in such a script but what is Node's own.

declare const ts: typeof typescript
declare const plan: SnapshotPlan

{
  const { readFileSync } = process.getBuiltinModule('node:fs')
  const { startupSnapshot } = process.getBuiltinModule('node:v8')
  const registry = ts.createDocumentRegistry()
  const resolutions = new Map(plan.resolutions.map(([key, module]) => [key, module ?? undefined]))

  /** Parses and binds every file, as a check does, and has TypeScript's functions compiled. What else it made is dropped. */
  const check = (): void => {
    const files = new Map(plan.files.map((file) => [file.path, file]))
    const service = ts.createLanguageService(
      {
        getCompilationSettings: () => plan.options,
        getScriptFileNames: () => [...plan.roots],
        getScriptVersion: (path) => files.get(path)?.version ?? '0',
        getScriptSnapshot: (path) => {
          const file = files.get(path)
          return file && ts.ScriptSnapshot.fromString(file.text ?? readFileSync(path, 'utf8'))
        },
        getCurrentDirectory: () => plan.folder,
        getDefaultLibFileName: () => plan.library,
        fileExists: (path) => files.has(path) || ts.sys.fileExists(path),
        readFile: (path) => files.get(path)?.text ?? ts.sys.readFile(path),
        directoryExists: ts.sys.directoryExists,
        realpath: ts.sys.realpath,
        useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
        resolveModuleNameLiterals: (literals, from) =>
          literals.map(({ text }) => ({
            resolvedModule: resolutions.get(`${from.slice(0, from.lastIndexOf('/'))}\n${text}`),
          })),
      },
      registry,
    )
    for (const root of plan.roots) service.getSemanticDiagnostics(root)
  }
  check()
  for (const key of resolutions.keys()) if (key.startsWith(`${plan.folder}\n`)) resolutions.delete(key)
  Object.assign(globalThis, { polkuPrepared: { ts, registry, resolutions } })

  startupSnapshot.setDeserializeMainFunction(() => {
    const { createRequire, enableCompileCache, registerHooks } = process.getBuiltinModule('node:module')
    enableCompileCache(plan.cache)
    const url = 'polku:typescript'
    registerHooks({
      resolve: (name, context, next) =>
        name === 'typescript' ? { url, format: 'module', shortCircuit: true } : next(name, context),
      load: (from, context, next) =>
        from === url
          ? { source: 'export default globalThis.polkuPrepared.ts', format: 'module', shortCircuit: true }
          : next(from, context),
    })
    createRequire(plan.main)(plan.main)
  })
}
