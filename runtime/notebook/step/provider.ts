import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import type { NodeDefinition } from '../../../nodes/node.ts'
import { Catalogue, type CatalogueNode, type NodeProvider } from '../../catalogue/catalogue.ts'
import { cellsHash } from '../../catalogue/code-hash.ts'
import { list } from '../../data/files.ts'
import { canonical, hashText } from '../../data/hash.ts'
import { projectRoot } from '../../data/installation.ts'
import { isName, nameOfFile } from '../../data/names.ts'
import type { Workspace } from '../../data/workspace.ts'
import { Engine, type EngineOptions } from '../../engine/engine.ts'
import { PolkuError } from '../../errors/errors.ts'
import { notebookHash } from '../../model/approval.ts'
import { type Metadata, metadataPart, type Notebook } from '../nbformat/cells.ts'
import type { Parameter } from '../parameters/parameters.ts'
import { type Declaration, declarationOf, isFile, settingsOf } from './declaration.ts'
import { readsOf } from './reads.ts'
import { planNotebook, runNotebookStep } from './run.ts'

/**
 * The notebooks of a workspace and of Polku as nodes: `notebook/train-churn` is `notebooks/train-churn.ipynb`.
 * Without a workspace they can be looked at, not run.
 */
function notebookProvider(workspace: Workspace | undefined, now: () => number): NodeProvider {
  const folders = [workspace?.root, projectRoot].flatMap((root) => (root ? [join(root, 'notebooks')] : []))
  return {
    get names() {
      const files = folders.flatMap((folder) => list(folder))
      const names = files.flatMap((file) => nameOfFile(file, '.ipynb') ?? [])
      return [...new Set(names)].sort().map((name) => `notebook/${name}`)
    },
    async load(name) {
      const [kind, notebook = '', ...rest] = name.split('/')
      if (kind !== 'notebook' || !isName(notebook) || rest.length > 0) return undefined
      const file = folders.map((folder) => join(folder, `${notebook}.ipynb`)).find(existsSync)
      return file === undefined ? undefined : await notebookNode(name, file, workspace, now)
    },
  }
}

/** Throws WORKSPACE_NOT_FOUND where there is none. */
function needed(workspace: Workspace | undefined): Workspace {
  if (workspace) return workspace
  throw new PolkuError('WORKSPACE_NOT_FOUND', { folder: process.cwd() })
}

async function notebookNode(
  name: string,
  file: string,
  workspace: Workspace | undefined,
  now: () => number,
): Promise<CatalogueNode> {
  // Only who uses a notebook waits for what reads one.
  const [{ readNotebook }, { notebookParameters }] = await Promise.all([
    import('../nbformat/file.ts'),
    import('../parameters/injected.ts'),
  ])
  const notebook = readNotebook(file)
  const declaration = declarationOf(name, notebook)
  const { language } = metadataPart(notebook.metadata, 'kernelspec')
  const parameters = await notebookParameters(notebook.cells, typeof language === 'string' ? language : 'typescript')
  const reserved = parameters.find((parameter) => Object.hasOwn(declaration.inputs, parameter.name))
  if (reserved)
    throw new PolkuError('NODE_INVALID', {
      node: name,
      reason: `${reserved.name} is both a parameter and an input`,
      right: 'Different names for parameters and tables.',
    })
  const outputs = Object.entries(declaration.outputs).map(([output, { description }]) => [output, description])
  const definition: NodeDefinition = {
    ...headline(name, notebook),
    inputs: declaration.inputs,
    params: settingsOf(parameters),
    // A step gives at least one table.
    outputs: outputs.length > 0 ? Object.fromEntries(outputs) : { cells: 'Each cell of code that ran' },
    metrics: declaration.metrics,
    errors: {
      notPublished: 'The notebook did not give its output {actual}. Needs publish.table("{actual}", TABLE) in a cell.',
    },
    plan: (_, params) => {
      requireFiles(parameters, params, needed(workspace))
      return planNotebook(declaration)
    },
    run: (inputs, settings, context) =>
      runNotebookStep({ name, file, declaration, workspace: needed(workspace), now }, inputs, settings, context),
  }
  const reads = workspace && (() => readsOf(notebook, declaration.reads, workspace))
  return { name, file, definition, code: notebookCode(file, notebook, declaration), reads }
}

/** Throws FILE_NOT_FOUND before a kernel is started in vain. */
function requireFiles(
  parameters: readonly Parameter[],
  settings: Readonly<Record<string, unknown>>,
  workspace: Workspace,
): void {
  for (const parameter of parameters.filter(isFile)) {
    const path = settings[parameter.name]
    if (typeof path === 'string' && path !== '')
      workspace.requireFile(isAbsolute(path) ? workspace.relative(path) : path)
  }
}

/** The first heading and the first sentence below it. */
function headline(name: string, { cells }: Notebook): { title: string; summary: string } {
  const lines = cells.filter((cell) => cell.cell_type === 'markdown').flatMap((cell) => cell.source.split('\n'))
  const heading = lines.findIndex((line) => /^#\s+\S/.test(line))
  const title = heading < 0 ? name : (lines[heading] ?? '').replace(/^#\s+/, '').trim()
  const text = lines.slice(heading + 1).find((line) => /^[\p{L}\p{N}]/u.test(line)) ?? `Runs the notebook ${name}.`
  return { title, summary: text.trim() }
}

/** Hash of all that decides what a notebook does: its cells, its kernel, its tables, and the files that its cells import. */
function notebookCode(file: string, { cells, metadata }: Notebook, declaration: Declaration): string {
  const sources = cells.filter((cell) => cell.cell_type === 'code').map((cell) => cell.source)
  const kernel: Metadata = metadataPart(metadata, 'kernelspec')
  const ingredients = [
    notebookHash(readFileSync(file, 'utf8')),
    cellsHash(file, sources.join('\n')),
    kernel.name ?? 'polku',
    declaration,
  ]
  return hashText(canonical(ingredients)).slice(0, 16)
}

const provider = (workspace: Workspace | undefined) => notebookProvider(workspace, Date.now)

/** Opens the workspace in `folder`, whose flows may use notebooks as steps. Throws WORKSPACE_*, DISK_FULL. */
export const openEngine = (folder: string, options: Omit<EngineOptions, 'provider'> = {}): Promise<Engine> =>
  Engine.open(folder, { ...options, provider })

/** The nodes and notebooks that flows of a workspace can use; without one, those that Polku brings. */
export const openCatalogue = (workspace: Workspace | undefined): Catalogue =>
  new Catalogue(workspace?.root, [], provider(workspace))
