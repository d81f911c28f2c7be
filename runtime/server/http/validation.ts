import { Ajv } from 'ajv'
import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { type ShapeFault, shapeFaults } from '../../data/shape.ts'
import { PolkuError, PolkuErrors } from '../../errors/errors.ts'
import { hostility } from './hostile.ts'

// What stands in an address is text: numbers and lists are read out of it. Nothing else is ever converted.
const fromText = new Ajv({
  ...{ coerceTypes: 'array', useDefaults: true, strict: false, allErrors: true },
  // Schemas come from code; whether texts of a format are right is told by whoever reads them.
  ...{ meta: false, validateSchema: false, validateFormats: false },
})

const toError = ({ kind, path, expected }: ShapeFault, part: string): PolkuError =>
  new PolkuError('REQUEST_INVALID', {
    reason: `${[part, ...path].join('.').slice(0, 200)} is ${kind}`,
    right: expected,
    found: path.join('.').slice(0, 200),
  })

/** Checks each part of a request by its schema, and tells all faults at once. */
export const validator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart = 'body' }) => {
  const convert = httpPart === 'body' ? undefined : fromText.compile(schema)
  return (value: unknown) => {
    const reason = hostility(value)
    if (reason)
      return { error: new PolkuError('REQUEST_INVALID', { reason: `${httpPart} ${reason}`, right: 'Plain values.' }) }
    // It changes the texts in place; whether they fit is told by the check below.
    convert?.(value)
    const faults = shapeFaults(schema, value)
    if (faults.length === 0) return { value }
    return { error: new PolkuErrors(faults.map((fault) => toError(fault, httpPart))) }
  }
}
