import type ts from 'typescript'

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
export const prepared = (globalThis as { readonly polkuPrepared?: Prepared }).polkuPrepared // only the snapshot's entry sets it
