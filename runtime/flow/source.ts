import { isNode, LineCounter, parseDocument } from 'yaml'
import { type Place, PolkuError } from '../errors.ts'

const maximumBytes = 1_000_000

/** A YAML file as plain data, with the place of every part of it. */
export interface Source {
  readonly file: string
  readonly data: unknown
  /**
   * The place of the value at `path` (or of its key), or of its nearest enclosing value that is written
   * in the file. `offset` points that many characters into a text on one line.
   */
  place(path: readonly (string | number)[], target?: 'key' | 'value', offset?: number): Place
}

/**
 * Parses YAML. Throws PolkuErrors' single parts: FLOW_TOO_LARGE, FLOW_NOT_YAML (with line and column;
 * also for repeated keys and for aliases that multiply without end).
 */
export function parseSource(text: string, file: string): Source {
  if (Buffer.byteLength(text) > maximumBytes)
    throw new PolkuError('FLOW_TOO_LARGE', { found: `${Math.ceil(Buffer.byteLength(text) / 1e6)} MB` }, { file })
  if (text.includes('\0')) throw new PolkuError('FLOW_NOT_YAML', { reason: 'it contains a NUL character.' }, { file })
  const lines = new LineCounter()
  const document = parse(text, file, lines)
  const fault = document.errors[0]
  if (fault) {
    const start = fault.linePos?.[0]
    throw new PolkuError(
      'FLOW_NOT_YAML',
      { reason: fault.message.split(' at line ')[0] },
      { file, line: start?.line, column: start?.col },
    )
  }
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { file, line, column: col }
  }
  const offsetOf = (path: readonly (string | number)[]): number | undefined => {
    const node = path.length === 0 ? document.contents : document.getIn(path, true)
    return isNode(node) ? node.range?.[0] : undefined
  }
  return {
    file,
    data: toData(document, file),
    place(path, target = 'value', inside = 0) {
      if (target === 'key') {
        const offset = keyOffset(document, path)
        if (offset !== undefined) return at(offset)
      }
      for (let length = path.length; length >= 0; length -= 1) {
        const offset = offsetOf(path.slice(0, length))
        if (offset !== undefined) return at(offset + (length === path.length ? insideText(text, offset, inside) : 0))
      }
      return { file }
    },
  }
}

/** How far `inside` lies in the file: past the opening quote; 0 for texts whose characters are not where they seem. */
function insideText(text: string, offset: number, inside: number): number {
  if (inside === 0) return 0
  const first = text.charAt(offset)
  if ('|>&*!'.includes(first)) return 0
  const shift = first === '"' || first === "'" ? inside + 1 : inside
  return /[\n\\$]/.test(text.slice(offset, offset + shift)) ? 0 : shift
}

type ParsedDocument = ReturnType<typeof parseDocument>

function parse(text: string, file: string, lineCounter: LineCounter): ParsedDocument {
  try {
    return parseDocument(text, { lineCounter, prettyErrors: true, strict: true, merge: true })
  } catch (error) {
    // The parser recurses: a file of a hundred thousand brackets exhausts the stack.
    throw new PolkuError(
      'FLOW_NOT_YAML',
      { reason: error instanceof RangeError ? 'it is nested too deeply.' : String(error) },
      { file },
    )
  }
}

function toData(document: ParsedDocument, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 50 })
  } catch (error) {
    const reason = error instanceof RangeError ? 'it is nested too deeply.' : (error as Error).message // toJS throws Errors only
    throw new PolkuError('FLOW_NOT_YAML', { reason }, { file })
  }
}

function keyOffset(document: ParsedDocument, path: readonly (string | number)[]): number | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  const items = parent && typeof parent === 'object' && 'items' in parent ? (parent.items as unknown[]) : [] // a collection's items
  for (const item of items) {
    const key = item && typeof item === 'object' && 'key' in item ? item.key : undefined
    if (isNode(key) && 'value' in key && key.value === path.at(-1)) return key.range?.[0]
  }
  return undefined
}
