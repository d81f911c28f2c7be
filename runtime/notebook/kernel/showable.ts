import { type MimeBundle, mimeSymbol } from '../api/mime.ts'

/** An object that shows itself. An empty bundle shows nothing. */
interface Showable {
  [mimeSymbol](): MimeBundle | Promise<MimeBundle>
}

/** Whether `value` shows itself. */
export const isShowable = (value: unknown): value is Showable =>
  ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
  mimeSymbol in value &&
  typeof value[mimeSymbol] === 'function'
