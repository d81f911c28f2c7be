import { appendFileSync, existsSync, readFileSync } from 'node:fs'

// How the process that runs a notebook learns what its kernel read and published: the kernel adds lines to a file.

const variable = 'POLKU_NOTEBOOK_SOURCES'

/** What a notebook was made from, as its metadata tell it. */
export interface Sources {
  readonly tables: readonly { readonly name: string; readonly path?: string; readonly hash: string }[]
  readonly models: readonly { readonly reference: string; readonly hash: string }[]
}

/** The environment by which a kernel learns where to note its sources. */
export const sourcesEnvironment = (file: string): Record<string, string> => ({ [variable]: file })

/**
 * Notes sources with their content hashes, as a step's key names them: `file data/orders.csv`, `dataset customers`,
 * `model churn@3`, `run RUN step.output`. Does nothing where nobody asked for it.
 */
export function noteSources(sources: Readonly<Record<string, string>>): void {
  const file = process.env[variable]
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
