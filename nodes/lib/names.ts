// DuckDB takes A and a for the same column (ASCII letters only: Ä and ä are two).
const folded = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())

/** Whether two names mean the same column to DuckDB. */
export const sameName = (one: string, other: string): boolean => folded(one) === folded(other)

/** The first name that means the same column as an earlier one. */
export function repeatedName(names: readonly string[]): string | undefined {
  const visited = new Set<string>()
  for (const name of names) {
    if (visited.has(folded(name))) return name
    visited.add(folded(name))
  }
  return undefined
}

/** `wanted`, with as many underscores after it as make it different from every name of `taken`. */
export function freeName(base: string, used: readonly string[]): string {
  let name = base
  while (used.some((other) => sameName(other, name))) name += '_'
  return name
}

/**
 * Text as a part of a column's name that needs no quotes: small letters, digits and underscores.
 * `Home & Garden` gives `home_garden`; a text without letters and digits gives an empty one.
 */
export const nameFrom = (text: string): string =>
  text
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '_')
    .replaceAll(/^_+|_+$/g, '')
