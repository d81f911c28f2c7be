/** How deep a request may be nested. */
const mostDeep = 32

const odd = (text: string): string | undefined => {
  if (text.includes('\0')) return 'holds a NUL character'
  return text.isWellFormed() ? undefined : 'holds half of a character'
}

/**
 * What no part of a request may hold whatever its schema allows, in words; undefined where there is nothing of it: the
 * database takes neither NUL nor halves of characters, and nobody means what is nested without end or names a prototype.
 */
export function hostility(value: unknown, depth = 0): string | undefined {
  if (typeof value === 'string') return odd(value)
  if (value === null || typeof value !== 'object') return undefined
  if (depth >= mostDeep) return `is nested more than ${mostDeep} deep`
  for (const [key, part] of Object.entries(value)) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') return `has a key ${key}`
    const found = odd(key) ?? hostility(part, depth + 1)
    if (found) return found
  }
  return undefined
}
