import type { Catalogue } from '../../catalogue/catalogue.ts'

/** `value-classes` as a name in code: `valueClasses`. */
const camelCase = (name: string): string => name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

/** The interface that a family's functions are declared in: `SegmentNodes`. */
export const familyType = (family: string): string => `${family.charAt(0).toUpperCase()}${family.slice(1)}Nodes`

/**
 * The functions of a family: what each is called, and its node's name. Where two nodes would be called the same, Polku's
 * keeps the name; the other is reached by `client.node`.
 */
export function membersOf(family: string, { names, own }: Pick<Catalogue, 'names' | 'own'>): [string, string][] {
  const members = new Map<string, string>()
  for (const name of [...names.filter((name) => !own.includes(name)), ...own]) {
    const member = camelCase(name.slice(name.indexOf('/') + 1))
    if (name.startsWith(`${family}/`) && !members.has(member)) members.set(member, name)
  }
  return [...members]
}
