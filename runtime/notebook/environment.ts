import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

// What whoever runs a notebook and its kernel say to each other: the environment names the workspace and the files in
// which the kernel notes what it read and published.

const sourcesVariable = 'POLKU_NOTEBOOK_SOURCES'

/** What a notebook was made from, as its metadata tell it. */
export interface Sources {
  readonly tables: readonly { readonly name: string; readonly path?: string; readonly hash: string }[]
  readonly models: readonly { readonly reference: string; readonly hash: string }[]
}

/** The environment by which a kernel learns where to note its sources. */
export const sourcesEnvironment = (file: string): Record<string, string> => ({ [sourcesVariable]: file })

/**
 * Notes sources with their content hashes, as a step's key names them: `file data/orders.csv`, `dataset customers`,
 * `model churn@3`, `run RUN step.output`. Does nothing where nobody asked for it.
 */
export function noteSources(sources: Readonly<Record<string, string>>): void {
  const file = process.env[sourcesVariable]
  const lines = Object.entries(sources).map((source) => `${JSON.stringify(source)}\n`)
  if (file && lines.length > 0) appendFileSync(file, lines.join(''))
}

/** What a kernel noted, each once and as it was last. */
export function notedSources(file: string): Sources {
  const noted = new Map<string, string>()
  // A kernel that died may have left half a line at the end.
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []
  for (const line of lines) {
    const [source, hash] = JSON.parse(line) as [string, string] // noteSources wrote it
    noted.set(source, hash)
  }
  const ofKind = (kind: string) =>
    [...noted].flatMap(([source, hash]) =>
      source.startsWith(`${kind} `) ? [{ of: source.slice(kind.length + 1), hash }] : [],
    )
  return {
    tables: [
      ...ofKind('file').map(({ of, hash }) => ({ name: of, path: of, hash })),
      ...ofKind('dataset').map(({ of, hash }) => ({ name: of, hash })),
      ...ofKind('run').map(({ of, hash }) => ({ name: `run ${of}`, hash })),
    ],
    models: ofKind('model').map(({ of, hash }) => ({ reference: of, hash })),
  }
}

/** The workspace of a notebook in `folder`: the one that whoever runs it names, or the nearest folder upwards with a client.yaml. */
export function findWorkspace(folder: string, { POLKU_WORKSPACE: named }: NodeJS.ProcessEnv): string | undefined {
  if (named) return resolve(named)
  for (let root = resolve(folder); ; root = dirname(root)) {
    if (existsSync(join(root, 'client.yaml'))) return root
    if (root === dirname(root)) return undefined
  }
}

const modelList = 'models.txt'

/** Notes in the folder of a run that it published a model. */
export function recordModel(out: string, reference: string): void {
  mkdirSync(out, { recursive: true })
  appendFileSync(join(out, modelList), `${reference}\n`)
}

/** The models that a run published, each once. */
export function publishedModels(out: string): string[] {
  const file = join(out, modelList)
  if (!existsSync(file)) return []
  return [...new Set(readFileSync(file, 'utf8').split('\n').filter(Boolean))]
}
