import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hashText } from '../data/hash.ts'
import { projectRoot } from '../data/installation.ts'
import { type References, referencesOf } from './references.ts'
import { isPolku, polkuFile } from './self.ts'

/** What decides what a node does. */
export interface NodeCode {
  readonly hash: string
  /** The files that were hashed: packages are not among them. */
  readonly files: readonly string[]
}

/**
 * The code of a node: every file of its folder but its cases, so also what it reads beside itself, and what its modules
 * import, to the end. Of a package its version counts. Where a module loads what its text does not tell, all nodes of
 * the workspace count.
 */
export function nodeCode(file: string): NodeCode {
  // Node follows links before it looks for what a module imports.
  const folder = realpathSync(dirname(file))
  const graph = new CodeGraph(folder, realpathSync(join(dirname(file), '..', '..')), true)
  graph.addFolder(folder)
  return { hash: graph.hash, files: graph.files }
}

/** The hash of cells of a notebook, with the modules that they load. */
export function cellsHash(notebook: string, cells: string): string {
  const folder = dirname(notebook)
  const graph = new CodeGraph(folder, folder, false)
  graph.add('cells', notebook, cells)
  return graph.hash
}

/** The hash of all files of a folder. */
export function folderHash(folder: string): string {
  const hash = createHash('sha256')
  for (const file of filesIn(folder)) hash.update(`${relative(folder, file)}\0`).update(readFileSync(file))
  return hash.digest('hex').slice(0, 16)
}

/** The hash of Polku's runtime, which a process reads once: it loads its modules once, too. */
let runtimeHash: string | undefined

/** The files of a folder in a fixed order, without nodes' cases, notebooks, packages and what is hidden. */
function filesIn(folder: string, above: readonly string[] = []): string[] {
  const real = realpathSync(folder)
  if (above.includes(real)) return [] // a link leads up
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !/^(\.|cases$|node_modules$)|\.ipynb$/.test(name))
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name)
      const kind = entry.isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : entry
      if (kind?.isDirectory()) return filesIn(path, [...above, real])
      return kind?.isFile() ? [path] : []
    })
}

const ourNodes = join(projectRoot, 'nodes', sep)
const ourRuntime = join(projectRoot, 'runtime', sep)

const isModule = (file: string): boolean => /\.[cm]?[jt]s$/.test(file)

/** A path, and what it means as an address: `./a%20b.ts`. */
const spellings = (path: string): readonly string[] =>
  /%[0-9a-f]{2}/i.test(path) ? [path, path.replace(/(?:%[0-9a-f]{2})+/gi, decoded)] : [path]

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // then it is no address
  }
}

const isRelative = (name: string): boolean => /^\.\.?(\/|$)/.test(name)

/** Cells, and what `require` loads, may leave the ending away. */
const endings = ['', '.ts', '.js', '.cjs', '.mjs', '.json', '/index.ts', '/index.js', '/index.cjs', '/index.json']

interface Module {
  readonly text: string
  readonly hash: string
  readonly references: References
}

/** What was read of modules, by their files: most are part of many nodes. */
const modules = new Map<string, Module>()

function moduleOf(file: string, text: string): Module {
  const cached = modules.get(file)
  if (cached?.text === text) return cached
  const module = { text, hash: hashText(text), references: referencesOf(text) }
  modules.set(file, module)
  return module
}

class CodeGraph {
  /** Hashes of contents, by names that are the same wherever the workspace lies. */
  readonly #contents = new Map<string, string>()
  readonly #files = new Set<string>()
  readonly #folders = new Set<string>()
  readonly #base: string
  readonly #openFolder: string
  readonly #readsFiles: boolean

  /**
   * @param base what the names of files are relative to. @param openFolder what counts whole where a module in it loads
   * what its text does not tell. @param readsFiles whether files count that are no modules, but named in a module.
   */
  constructor(base: string, openFolder: string, readsFiles: boolean) {
    this.#base = base
    this.#openFolder = openFolder
    this.#readsFiles = readsFiles
  }

  get hash(): string {
    const names = [...this.#contents.keys()].sort()
    return hashText(names.map((name) => `${name}\0${this.#contents.get(name)}`).join('\0')).slice(0, 16)
  }

  get files(): readonly string[] {
    return [...this.#files]
  }

  addFolder(folder: string): void {
    if (this.#folders.has(folder)) return
    this.#folders.add(folder)
    for (const file of filesIn(folder)) this.#addFile(file)
  }

  /** Adds a module of this text and what it refers to. */
  add(name: string, file: string, text: string): void {
    const { hash, references } = moduleOf(file, text)
    this.#contents.set(name, hash)
    for (const each of references.modules) this.#addModule(each, file)
    for (const each of references.paths.flatMap(spellings))
      this.#addPath(resolve(dirname(file), each), file, this.#readsFiles)
    if (references.isOpen) this.#addOpen(file)
  }

  #addFile(file: string): void {
    if (this.#files.has(file)) return
    this.#files.add(file)
    const isOurs = file.startsWith(ourNodes) || file.startsWith(ourRuntime)
    const name = isOurs ? `polku ${file.slice(projectRoot.length)}` : relative(this.#base, file)
    if (isModule(file)) this.add(name, realpathSync(file), readFileSync(file, 'utf8'))
    else this.#contents.set(name, hashText(readFileSync(file)))
  }

  #addModule(name: string, from: string): void {
    if (isPolku(name)) this.#addPolku(polkuFile(name))
    else if (name.startsWith('file:')) this.#addPath(fileURLToPath(name), from, true)
    else if (isRelative(name) || isAbsolute(name)) {
      const path = name.replace(/[?#].*$/, '')
      for (const each of spellings(path)) this.#addPath(resolve(dirname(from), each), from, true)
    } else if (name.startsWith('#')) this.#addPrivate(from)
    else if (!isBuiltin(name)) this.#addPackage(name, from)
  }

  #addPath(path: string, from: string, isAny: boolean): void {
    if (this.#files.has(path)) return
    const ending = endings.find((each) => statSync(path + each, { throwIfNoEntry: false })?.isFile())
    const file = ending === undefined ? undefined : path + ending
    if (file !== undefined && (isAny || isModule(file))) this.#addFile(file)
    if (file !== undefined || !isAny || !existsSync(path)) return
    // Nobody can tell what is read of a folder; one that holds the module has too much that is none of its own.
    if (`${from}${sep}`.startsWith(`${resolve(path)}${sep}`)) this.#addOpen(from)
    else this.#addListing(realpathSync(path))
  }

  /** Adds a folder whose files a module may read: by their sizes and times, because it may hold all of a client's data. */
  #addListing(folder: string): void {
    for (const file of filesIn(folder)) {
      const { size, mtimeMs } = statSync(file)
      this.#contents.set(relative(this.#base, file), `${size} ${mtimeMs}`)
    }
  }

  /** Of the runtime, most of which a notebook imports, all counts. */
  #addPolku(file: string | undefined): void {
    if (file?.startsWith(ourRuntime)) {
      runtimeHash ??= folderHash(ourRuntime)
      this.#contents.set('polku runtime', runtimeHash)
      // Who imports what is not there is told when it is loaded.
    } else if (file !== undefined && existsSync(file)) this.#addFile(file)
  }

  /** Counts whatever a module could load that does not say what. */
  #addOpen(from: string): void {
    this.addFolder(from.startsWith(this.#openFolder + sep) ? this.#openFolder : dirname(from))
  }

  /** Adds what a name of a package's own may mean. */
  #addPrivate(from: string): void {
    const declaration = upwards(dirname(from), 'package.json')
    if (declaration !== undefined) {
      this.#addFile(declaration)
      for (const [, path = ''] of readFileSync(declaration, 'utf8').matchAll(/"(\.\/[^"*]*)"/g))
        this.#addPath(join(dirname(declaration), path), from, true)
    }
    this.#addOpen(from)
  }

  /** Adds a package's version; of one that is linked from elsewhere, its files. */
  #addPackage(module: string, from: string): void {
    const [, name = ''] = /^((?:@[^/]+\/)?[^/]+)/.exec(module) ?? []
    const installed = installedPackage(name, dirname(from))
    if (!installed) return
    this.#contents.set(`package ${name}`, installed.version)
    if (!installed.folder.includes(`${sep}node_modules${sep}`)) this.addFolder(installed.folder)
  }
}

interface InstalledPackage {
  readonly folder: string
  readonly version: string
}

/** The package that a module in `folder` imports by this name. */
export function installedPackage(name: string, folder: string): InstalledPackage | undefined {
  const declaration = upwards(folder, 'node_modules', name, 'package.json')
  if (declaration === undefined) return undefined
  const { version } = JSON.parse(readFileSync(declaration, 'utf8')) as { version?: unknown } // what npm writes
  return { folder: dirname(realpathSync(declaration)), version: String(version) }
}

/** The nearest file of this path in a folder or those above it. */
function upwards(folder: string, ...path: readonly string[]): string | undefined {
  const file = join(folder, ...path)
  if (existsSync(file)) return file
  return folder === dirname(folder) ? undefined : upwards(dirname(folder), ...path)
}
