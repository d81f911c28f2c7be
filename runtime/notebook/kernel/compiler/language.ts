import { existsSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { projectRoot } from '../../../data/installation.ts'
import { Cells } from './cells.ts'
import { declarationsOf, isOwn } from './declarations.ts'
import type { SnapshotPlan } from './snapshot.ts'

/** What a type checker that starts from a snapshot need not do again. */
interface Prepared {
  /** TypeScript itself, loaded. */
  readonly ts: typeof ts
  /** The parsed types of the language, of Node, and of packages that notebooks often use. */
  readonly registry: ts.DocumentRegistry
  /** What names mean in those packages, by folder and name. */
  readonly resolutions: ReadonlyMap<string, ts.ResolvedModuleFull | undefined>
}

/** What the snapshot of this process holds; undefined where it started without one. */
const prepared = (globalThis as { readonly polkuPrepared?: Prepared }).polkuPrepared // only the snapshot's entry sets it

// The language service that knows the session's cells: each is a virtual module beside the notebook, so that
// relative imports mean what they mean there.

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  moduleDetection: ts.ModuleDetectionKind.Force,
  customConditions: ['node'],
  lib: ['lib.esnext.d.ts'],
  types: [],
  strict: true,
  skipLibCheck: true,
  allowJs: true,
  checkJs: false,
  resolveJsonModule: true,
  esModuleInterop: true,
  allowImportingTsExtensions: true,
  allowUnreachableCode: true,
  allowUnusedLabels: true,
  noEmit: true,
}

const kernelFolder = join(projectRoot, 'runtime', 'notebook', 'kernel')
const globals = `
import type { Display } from ${JSON.stringify(join(kernelFolder, 'display.ts'))}
declare global {
  /** Shows a value; \`display.html('…')\`, \`display.plotly(figure)\` and its like say how. */
  const display: Display
  /** Asks the person at the notebook and waits for the answer; an empty one is \`preset\`. */
  const prompt: (message?: string, preset?: string) => string
}`

/** A confined process reads what lies in Polku's folder, but is not told of the folder itself. */
const system: ts.System = {
  ...ts.sys,
  directoryExists: (path) => path === projectRoot || ts.sys.directoryExists(path),
}

/** The types of Polku's nodes, to which those of the workspace's own are added. */
const nodesFile = join(projectRoot, 'runtime', 'notebook', 'api', 'nodes.generated.ts')

// Not where TypeScript believes to lie itself: in a snapshot it does not know.
const { resolve } = createRequire(import.meta.url)
const library = join(dirname(resolve('typescript/package.json')), 'lib', ts.getDefaultLibFileName(options))

const isInstalled = (file: string): boolean => file.includes('/node_modules/')

export class Language {
  readonly cells: Cells
  readonly service: ts.LanguageService
  readonly #globals: string
  readonly #folder: string
  readonly #snapshots = new Map<string, { readonly version: string; readonly snapshot: ts.IScriptSnapshot }>()
  readonly #resolutions = new Map(prepared?.resolutions)

  #ownNodes = { text: '', version: 0 }

  /** A language service for cells of a notebook in `folder`. */
  constructor(folder: string) {
    this.#folder = folder
    this.cells = new Cells(folder)
    this.#globals = join(folder, 'polku globals.ts')
    this.service = ts.createLanguageService(this.#host(), prepared?.registry ?? ts.createDocumentRegistry())
  }

  /** Makes `text` the additions to the interfaces of nodes.generated.ts. */
  setOwnNodes(text: string): void {
    this.#ownNodes = { text, version: this.#ownNodes.version + 1 }
  }

  #host(): ts.LanguageServiceHost & Pick<ts.CompilerHost, 'getModuleResolutionCache'> {
    const virtual = (file: string) => this.#virtual(file)
    const cache = ts.createModuleResolutionCache(this.#folder, (name) => name, options)
    return {
      getCompilationSettings: () => options,
      // Always the same files: with others the service would resolve every import of every file anew.
      getScriptFileNames: () => this.#roots(),
      // Passed on to the compiler, which else reads every package.json at every check.
      getModuleResolutionCache: () => cache,
      getScriptVersion: (file) => this.#version(file),
      getScriptSnapshot: (file) => {
        const cell = virtual(file)
        return cell ? ts.ScriptSnapshot.fromString(cell.text) : this.#snapshot(file)
      },
      getCurrentDirectory: () => this.#folder,
      getDefaultLibFileName: () => library,
      fileExists: (file) => virtual(file) !== undefined || ts.sys.fileExists(file),
      readFile: (file) => virtual(file)?.text ?? readText(file),
      directoryExists: system.directoryExists,
      getDirectories: ts.sys.getDirectories,
      readDirectory: ts.sys.readDirectory,
      realpath: ts.sys.realpath,
      useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
      resolveModuleNameLiterals: (literals, from) =>
        literals.map(({ text }) => ({ resolvedModule: this.#resolve(text, from, cache) })),
    }
  }

  #roots(): string[] {
    const nodeTypes = join(projectRoot, 'node_modules', '@types', 'node', 'index.d.ts')
    return [nodeTypes, this.#globals, this.cells.index]
  }

  /** What a snapshot needs to know all that was checked until now. */
  plan(): Omit<SnapshotPlan, 'main' | 'cache'> {
    const paths =
      this.service
        .getProgram()
        ?.getSourceFiles()
        .map(({ fileName }) => fileName) ?? []
    const files = paths.map((path) => {
      const snapshot = isInstalled(path) ? undefined : this.#snapshot(path)
      const text = this.#virtual(path)?.text ?? snapshot?.getText(0, snapshot.getLength())
      return { path, version: this.#version(path), text }
    })
    const resolutions = [...this.#resolutions].map(([key, module]) => [key, module ?? null] as const)
    // What a cell means by its name alone is known to the cells.
    const roots = [...new Set([...this.#roots(), ...paths.filter((path) => this.cells.get(path))])]
    return { options, folder: this.#folder, roots, files, resolutions, library }
  }

  #virtual(file: string): { readonly text: string; readonly version: number } | undefined {
    return file === this.#globals ? { text: globals, version: 1 } : this.cells.get(file)
  }

  #version(file: string): string {
    return String(this.#virtual(file)?.version ?? this.#fileVersion(file))
  }

  /** A file's text, read once until it changes, and only where it is not parsed yet: it is asked for at every check. */
  #snapshot(file: string): ts.IScriptSnapshot | undefined {
    const version = this.#fileVersion(file)
    const cached = this.#snapshots.get(file)
    if (cached?.version === version) return cached.snapshot
    if (!existsSync(file)) return undefined
    const snapshot = new LazyText(() => this.#text(file))
    this.#snapshots.set(file, { version, snapshot })
    return snapshot
  }

  #text(file: string): string {
    const text = readText(file) ?? ''
    const own = !isInstalled(file) && isOwn(file, this.#folder)
    return (own ? declarationsOf(file, text) : text) + (file === nodesFile ? this.#ownNodes.text : '')
  }

  #fileVersion(file: string): string {
    return file === nodesFile ? `${fileVersion(file)} ${this.#ownNodes.version}` : fileVersion(file)
  }

  /** What a module's name means: tslab is Polku's own, cells are virtual, and Polku's packages are everywhere. */
  #resolve(name: string, from: string, cache: ts.ModuleResolutionCache): ts.ResolvedModuleFull | undefined {
    const cell = this.cells.resolve(name, from)
    if (cell) return { resolvedFileName: cell, extension: ts.Extension.Ts }
    if (name === 'tslab' && !isInstalled(from))
      return { resolvedFileName: join(kernelFolder, 'tslab.ts'), extension: ts.Extension.Ts }
    const key = `${dirname(from)}\n${name}`
    if (this.#resolutions.has(key)) return this.#resolutions.get(key)
    // What the workspace lacks may come: a file is written, a package installed. So its misses are not cached.
    const isCached = isInstalled(from)
    const lookUp = (file: string) =>
      ts.resolveModuleName(name, file, options, system, isCached ? cache : undefined).resolvedModule
    const module = lookUp(from) ?? (/^[./]/.test(name) ? undefined : lookUp(join(projectRoot, 'package.json')))
    if (module || isCached) this.#resolutions.set(key, module)
    return module
  }
}

class LazyText implements ts.IScriptSnapshot {
  readonly #read: () => string
  #text: string | undefined

  constructor(read: () => string) {
    this.#read = read
  }

  getText(start: number, end: number): string {
    this.#text ??= this.#read()
    return this.#text.slice(start, end)
  }

  getLength(): number {
    this.#text ??= this.#read()
    return this.#text.length
  }

  getChangeRange(): undefined {
    return undefined
  }
}

const readText = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // Not there, or not readable: as good as absent to the compiler.
    return undefined
  }
}

/** Installed files do not change; the workspace's own do. */
const fileVersion = (file: string): string => {
  if (isInstalled(file)) return '1'
  return existsSync(file) ? String(statSync(file).mtimeMs) : '0'
}
