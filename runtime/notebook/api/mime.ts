import type { inspect } from 'node:util'

/** A value in several forms, by MIME type; who shows it takes the richest form it can. */
export type MimeBundle = Readonly<Record<string, unknown>>

/** Under this name a value has a method that gives it as a MIME bundle; kernels show it so. */
export const mimeSymbol: unique symbol = Symbol.for('polku.mime') as never // a registered symbol is as unique as a declared one

/** Under this name a value has a method that gives it as text: for `console.log`. */
export const inspectSymbol: typeof inspect.custom = Symbol.for('nodejs.util.inspect.custom') as typeof inspect.custom // the documented registered symbol

/** An object that shows itself. An empty bundle shows nothing. */
interface Showable {
  [mimeSymbol](): MimeBundle | Promise<MimeBundle>
}

/** Whether `value` shows itself. */
export const isShowable = (value: unknown): value is Showable =>
  ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
  mimeSymbol in value &&
  typeof value[mimeSymbol] === 'function'
