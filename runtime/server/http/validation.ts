import { Ajv } from 'ajv'
import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { type ShapeFault, shapeFaults } from '../../data/shape.ts'
import { PolkuError, PolkuErrors } from '../../errors/errors.ts'

/** How deep a request may be nested. */
const deepest = 32

const unsafeText = (text: string): string | undefined => {
  if (text.includes('\0')) return 'holds a NUL character'
  return text.isWellFormed() ? undefined : 'holds half of a character'
}

/**
 * What no part of a request may hold whatever its schema allows, in words; undefined where there is no such part: the
 * database takes neither NUL nor halves of characters, and nobody means what is nested without end or names a prototype.
 */
function unsafePart(value: unknown, depth = 0): string | undefined {
  if (typeof value === 'string') return unsafeText(value)
  if (value === null || typeof value !== 'object') return undefined
  if (depth >= deepest) return `is nested more than ${deepest} deep`
  for (const [key, part] of Object.entries(value)) {
    if (key === '__proto__' || key === 'constructor' || key === 'prototype') return `has a key ${key}`
    const reason = unsafeText(key) ?? unsafePart(part, depth + 1)
    if (reason) return reason
  }
  return undefined
}

// What stands in an address is text: numbers and lists are read out of it. Nothing else is ever converted.
const fromText = new Ajv({
  ...{ coerceTypes: 'array', useDefaults: true, strict: false, allErrors: true },
  // Schemas come from code; whoever reads texts of a format judges them.
  ...{ meta: false, validateSchema: false, validateFormats: false },
})

const toError = ({ kind, path, expected }: ShapeFault, part: string): PolkuError =>
  new PolkuError('REQUEST_INVALID', {
    reason: `${[part, ...path].join('.').slice(0, 200)} is ${kind}`,
    right: expected,
    actual: path.join('.').slice(0, 200),
  })

/** Checks each part of a request by its schema, and reports all faults at once. */
export const validator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart = 'body' }) => {
  const convert = httpPart === 'body' ? undefined : fromText.compile(schema)
  return (value: unknown) => {
    const reason = unsafePart(value)
    if (reason)
      return { error: new PolkuError('REQUEST_INVALID', { reason: `${httpPart} ${reason}`, right: 'Plain values.' }) }
    // It changes the texts in place; the check below judges them.
    convert?.(value)
    const faults = shapeFaults(schema, value)
    if (faults.length === 0) return { value }
    return { error: new PolkuErrors(faults.map((fault) => toError(fault, httpPart))) }
  }
}
