import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { projectRoot } from '../../../config.ts'
import { Cells } from './cells.ts'

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
}`

/** The types of Polku's nodes, to which those of the workspace's own are added. */
const nodesFile = join(projectRoot, 'runtime', 'notebook', 'api', 'nodes.generated.ts')

const isInstalled = (file: string): boolean => file.includes('/node_modules/')

export class Language {
  readonly cells: Cells
  readonly service: ts.LanguageService
  readonly #globals: string
  readonly #folder: string
  readonly #snapshots = new Map<string, ts.IScriptSnapshot>()
  readonly #resolutions = new Map<string, ts.ResolvedModuleFull | undefined>()

  #ownNodes = { text: '', version: 0 }

  /** A language service for cells of a notebook in `folder`. */
  constructor(folder: string) {
    this.#folder = folder
    this.cells = new Cells(folder)
    this.#globals = join(folder, 'polku globals.ts')
    this.service = ts.createLanguageService(this.#host(), ts.createDocumentRegistry())
  }

  /** Makes `text` the additions to the interfaces of nodes.generated.ts. */
  setOwnNodes(text: string): void {
    this.#ownNodes = { text, version: this.#ownNodes.version + 1 }
  }

  #host(): ts.LanguageServiceHost & Pick<ts.CompilerHost, 'getModuleResolutionCache'> {
    const virtual = (file: string) => (file === this.#globals ? { text: globals, version: 1 } : this.cells.get(file))
    const nodeTypes = join(projectRoot, 'node_modules', '@types', 'node', 'index.d.ts')
    const cache = ts.createModuleResolutionCache(this.#folder, (name) => name, options)
    return {
      getCompilationSettings: () => options,
      // Always the same files: with others the service would resolve every import of every file anew.
      getScriptFileNames: () => [nodeTypes, this.#globals, this.cells.index],
      // Passed on to the compiler, which else reads every package.json at every check.
      getModuleResolutionCache: () => cache,
      getScriptVersion: (file) => String(virtual(file)?.version ?? this.#fileVersion(file)),
      getScriptSnapshot: (file) => {
        const cell = virtual(file)
        return cell ? ts.ScriptSnapshot.fromString(cell.text) : this.#snapshot(file)
      },
      getCurrentDirectory: () => this.#folder,
      getDefaultLibFileName: (given) => ts.getDefaultLibFilePath(given),
      fileExists: (file) => virtual(file) !== undefined || ts.sys.fileExists(file),
      readFile: (file) => virtual(file)?.text ?? readText(file),
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
      readDirectory: ts.sys.readDirectory,
      realpath: ts.sys.realpath,
      useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
      resolveModuleNameLiterals: (literals, from) =>
        literals.map(({ text }) => ({ resolvedModule: this.#resolve(text, from, cache) })),
    }
  }

  /** A file's text. It is asked for at every check, and those of installed packages are read only once. */
  #snapshot(file: string): ts.IScriptSnapshot | undefined {
    const known = this.#snapshots.get(file)
    if (known) return known
    const text = readText(file)
    if (text === undefined) return undefined
    const snapshot = ts.ScriptSnapshot.fromString(file === nodesFile ? text + this.#ownNodes.text : text)
    if (isInstalled(file)) this.#snapshots.set(file, snapshot)
    return snapshot
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
    // What the workspace lacks may come: a file is written, a package installed. So its misses are not kept.
    const kept = isInstalled(from)
    const lookUp = (file: string) =>
      ts.resolveModuleName(name, file, options, ts.sys, kept ? cache : undefined).resolvedModule
    const found = lookUp(from) ?? (/^[./]/.test(name) ? undefined : lookUp(join(projectRoot, 'package.json')))
    if (found || kept) this.#resolutions.set(key, found)
    return found
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
