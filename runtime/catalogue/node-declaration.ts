import { PolkuError } from '../errors/errors.ts'
import { Catalogue, type CatalogueNode } from './catalogue.ts'

interface Described {
  readonly name: string
  readonly description: string
}

/** What a node says of itself, as plain data. */
export interface NodeDeclaration {
  readonly name: string
  readonly title: string
  readonly summary: string
  readonly inputs: readonly (Described & { readonly optional: boolean })[]
  /** The JSON Schema of its settings. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly outputs: readonly Described[]
  readonly metrics: readonly Described[]
  readonly errors: readonly Described[]
  /** Why it cannot be used; null where it can. */
  readonly problem: string | null
}

const described = (texts: Readonly<Record<string, string>> = {}): Described[] =>
  Object.entries(texts).map(([name, description]) => ({ name, description }))

function declarationOf({ name, definition }: CatalogueNode): NodeDeclaration {
  const { title, summary, inputs, params, outputs, metrics, errors } = definition
  return {
    ...{ name, title, summary },
    inputs: Object.entries(inputs).map(([input, { description, optional = false }]) => ({
      ...{ name: input, description, optional },
    })),
    // Without what a schema carries besides its JSON.
    settings: JSON.parse(JSON.stringify(params)) as Record<string, unknown>,
    outputs: described(outputs),
    metrics: described(metrics),
    errors: described(errors),
    problem: null,
  }
}

const broken = (name: string, problem: string): NodeDeclaration => ({
  ...{ name, title: name, summary: '', inputs: [], settings: {}, outputs: [], metrics: [], errors: [], problem },
})

const load = async (catalogue: Catalogue, name: string): Promise<NodeDeclaration> => {
  try {
    return declarationOf(await catalogue.load(name))
  } catch (error) {
    // One that cannot be used hides no other; whatever its code did is told.
    return broken(name, error instanceof Error ? error.message : String(error))
  }
}

/** Polku's own nodes, in the order of their names. */
export const polkuNodes = async (): Promise<NodeDeclaration[]> => {
  const catalogue = new Catalogue()
  return Promise.all(catalogue.names.map((name) => load(catalogue, name)))
}

/** The nodes of the client whose workspace is `folder`. Loads them: not for the process of the service. */
export async function ownNodes(folder: string): Promise<NodeDeclaration[]> {
  try {
    const catalogue = new Catalogue(folder)
    const polku = new Set(new Catalogue().names)
    const own = catalogue.names.filter((name) => !polku.has(name))
    return await Promise.all(own.map((name) => load(catalogue, name)))
  } catch (error) {
    if (!(error instanceof PolkuError)) throw error
    return [broken(String(error.values.node ?? 'nodes'), error.message)]
  }
}
