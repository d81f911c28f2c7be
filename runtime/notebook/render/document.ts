import { type Metadata, metadataPart, type Notebook, type Output } from '../nbformat/cells.ts'

// What a report tells of a notebook beside its cells. Any program may have written the metadata,
// so a field that is not of its type is read as absent.

interface TableRead {
  readonly name: string
  readonly hash: string
  readonly path?: string
  readonly rows?: number
}

/** What the run that executed the notebook wrote into `metadata.polku`. */
export interface RunMetadata {
  /** ISO time. */
  readonly started?: string
  readonly milliseconds?: number
  readonly kernel?: string
  /** What ended the run before the notebook's end. */
  readonly problem?: { readonly code: string; readonly message: string }
  readonly parameters: Metadata
  /** The notebook that was run, and its hash before the run. */
  readonly source?: { readonly path: string; readonly hash: string }
  readonly tables: readonly TableRead[]
  readonly models: readonly { readonly reference: string; readonly hash: string }[]
  readonly versions: Readonly<Record<string, string>>
  /** Names of the metrics that the author wants on the first screen. */
  readonly highlights: readonly string[]
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const finite = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined

/** The objects of a list that have `needed` as texts. */
const records = (list: unknown, ...needed: readonly string[]): Metadata[] =>
  (Array.isArray(list) ? list : []).filter(
    (item) => typeof item === 'object' && item !== null && needed.every((name) => typeof item[name] === 'string'),
  )

export const runMetadata = ({ metadata }: Notebook): RunMetadata => {
  const polku = metadataPart(metadata, 'polku')
  const run = metadataPart(polku, 'run')
  const kernelspec = metadataPart(metadata, 'kernelspec')
  const [problem] = records([run.problem], 'code', 'message')
  const [source] = records([polku.notebook], 'path', 'hash')
  return {
    started: text(run.started)?.slice(0, 40),
    milliseconds: finite(run.milliseconds),
    kernel: text(run.kernel) ?? text(kernelspec.display_name) ?? text(kernelspec.name),
    problem: problem && { code: String(problem.code), message: String(problem.message) },
    parameters: metadataPart(run, 'parameters'),
    source: source && { path: String(source.path), hash: String(source.hash) },
    tables: records(polku.tables, 'hash').map(({ name, path, hash, rows }) => ({
      name: text(name) ?? text(path) ?? '',
      path: text(path),
      hash: String(hash),
      rows: finite(rows),
    })),
    models: records(polku.models, 'reference').map(({ reference, hash }) => ({
      reference: String(reference),
      hash: text(hash) ?? '',
    })),
    versions: Object.fromEntries(
      Object.entries(metadataPart(polku, 'versions')).flatMap(([name, version]) =>
        typeof version === 'string' ? [[name, version] as const] : [],
      ),
    ),
    highlights: (Array.isArray(polku.highlights) ? polku.highlights : []).filter((name) => typeof name === 'string'),
  }
}

/** The language of a notebook's code, by the name that highlighters know. */
export const languageOf = ({ metadata }: Notebook): string =>
  text(metadataPart(metadata, 'kernelspec').language) ??
  text(metadataPart(metadata, 'language_info').name) ??
  'typescript'

/** How long a cell ran, where it was measured. */
export const cellTime = (metadata: Metadata): number | undefined => finite(metadataPart(metadata, 'polku').milliseconds)

/** Neighbouring pieces of one stream as one text, however a kernel cut them. */
export const mergedOutputs = (outputs: readonly Output[]): Output[] =>
  outputs.reduce<Output[]>((all, next) => {
    const last = all.at(-1)
    if (last?.output_type === 'stream' && next.output_type === 'stream' && last.name === next.name)
      all[all.length - 1] = { ...last, text: last.text + next.text }
    else all.push(next)
    return all
  }, [])
