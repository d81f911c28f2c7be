import { LRUCache } from 'lru-cache'
import { isCollection, isNode, isScalar, parseDocument, type Scalar, visit } from 'yaml'
import { PolkuError, type Position } from '../errors/errors.ts'

const maximumBytes = 1_000_000

/** Files that were parsed before, by name and text: a process that runs a flow every minute reads it once. */
const parsed = new LRUCache<string, Source>({ max: 50 })
/** In characters. */
const longestCached = 100_000

/** A YAML file as plain data that nobody can change, with the place of every part of it. */
export interface Source {
  readonly file: string
  readonly data: unknown
  /**
   * The place of the value at `path` (or of its key), or of its nearest enclosing value that is written
   * in the file. `offset` points that many characters into a text on one line.
   */
  position(path: readonly (string | number)[], target?: 'key' | 'value', offset?: number): Position
}

/**
 * Parses YAML. Throws PolkuErrors' single parts: FLOW_TOO_LARGE, FLOW_NOT_YAML (with line and column;
 * also for repeated keys and for aliases that multiply without end).
 */
export function parseSource(text: string, file: string): Source {
  const key = `${file}\0${text}`
  const cached = parsed.get(key)
  if (cached) return cached
  const source = parse(text, file)
  if (text.length <= longestCached) parsed.set(key, source)
  return source
}

function parse(text: string, file: string): Source {
  if (Buffer.byteLength(text) > maximumBytes)
    throw new PolkuError('FLOW_TOO_LARGE', { actual: `${Math.ceil(Buffer.byteLength(text) / 1e6)} MB` }, { file })
  if (text.includes('\0')) throw new PolkuError('FLOW_NOT_YAML', { reason: 'it contains a NUL character.' }, { file })
  const lineStarts = startsOfLines(text)
  const document = shallow(file, () =>
    // Repeated keys are found below: the parser compares every key with every other.
    parseDocument(text, { prettyErrors: false, merge: true, logLevel: 'error', uniqueKeys: false }),
  )
  const at = (offset: number): Position => {
    const line = lineStarts.findLastIndex((start) => start <= offset)
    return { file, line: line + 1, column: offset - (lineStarts[line] ?? 0) + 1 }
  }
  const fault = firstFault(document, file)
  if (fault) throw new PolkuError('FLOW_NOT_YAML', { reason: fault.reason }, at(fault.offset))
  const offsetOf = (path: readonly (string | number)[]): number | undefined => {
    const node = path.length === 0 ? document.contents : document.getIn(path, true)
    return isNode(node) ? node.range?.[0] : undefined
  }
  return {
    file,
    data: shallow(file, () => frozen(document.toJS({ maxAliasCount: 50 }))),
    position(path, target = 'value', inside = 0) {
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

function frozen(value: unknown): unknown {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) frozen(part)
  }
  return value
}

/** Where lines begin as editors count them: the parser takes a lone carriage return for a part of its line. */
const startsOfLines = (text: string): readonly number[] => [
  0,
  ...[...text.matchAll(/\r\n|\n|\r/g)].map((ending) => ending.index + ending[0].length),
]

/** How far `inside` lies in the file: past the opening quote; 0 for texts whose characters are not where they seem. */
function insideText(text: string, offset: number, inside: number): number {
  if (inside === 0) return 0
  const first = text.charAt(offset)
  if ('|>&*!'.includes(first)) return 0
  const shift = first === '"' || first === "'" ? inside + 1 : inside
  return /[\n\\$]/.test(text.slice(offset, offset + shift)) ? 0 : shift
}

type ParsedDocument = ReturnType<typeof parseDocument>

const reasonOf = (message: string): string => (/call stack/.test(message) ? 'it is nested too deeply.' : message)

/** What the parser throws, as a fault of the file: it recurses, so that a hundred thousand brackets exhaust the stack. */
function shallow<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    const { message } = error as Error // the parser throws Errors only
    throw new PolkuError('FLOW_NOT_YAML', { reason: reasonOf(message) }, { file })
  }
}

/** The first key that was there before. A merge key may be repeated. */
function repeated(keys: readonly unknown[]): Scalar | undefined {
  const before = new Set<string>()
  for (const key of keys) {
    if (!isScalar(key) || key.value === '<<') continue
    const name = String(key.value)
    if (before.has(name)) return key
    before.add(name)
  }
  return undefined
}

interface Fault {
  readonly reason: string
  readonly offset: number
}

/** What the parser found wrong or only warns of (a tag it does not know), aliases that lead nowhere or are too many, keys that are repeated or no single value. */
function firstFault(document: ParsedDocument, file: string): Fault | undefined {
  const fault = document.errors[0] ?? document.warnings[0]
  if (fault?.code === 'MULTIPLE_DOCS') return { reason: 'it holds more than one document.', offset: fault.pos[0] }
  if (fault) return { reason: reasonOf(fault.message), offset: fault.pos[0] }
  const anchors = new Set<string>()
  let aliases = 0
  let structureFault: Fault | undefined
  const report = (reason: string, node: unknown) => {
    structureFault = { reason, offset: isNode(node) ? (node.range?.[0] ?? 0) : 0 }
    return visit.BREAK
  }
  shallow(file, () =>
    visit(document, {
      Value: (_, { anchor }) => {
        if (anchor) anchors.add(anchor)
      },
      Map: (_, { anchor, items }) => {
        if (anchor) anchors.add(anchor)
        const again = repeated(items.map(({ key }) => key))
        return again && report(`the key ${String(again.value)} is there twice.`, again)
      },
      Alias: (_, alias, path) => {
        aliases += 1
        // Each is looked up through the whole file.
        if (aliases > 1000) return report('it has more than a thousand aliases.', alias)
        if (!anchors.has(alias.source)) return report(`there is no anchor &${alias.source} before this alias.`, alias)
        const around = path.some((part) => isCollection(part) && part.anchor === alias.source)
        return around ? report(`the alias *${alias.source} stands inside what it repeats.`, alias) : undefined
      },
      Pair: (_, { key }) => (isScalar(key) ? undefined : report('a key must be a single value.', key)),
    }),
  )
  return structureFault
}

function keyOffset(document: ParsedDocument, path: readonly (string | number)[]): number | undefined {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  const items = parent && typeof parent === 'object' && 'items' in parent ? (parent.items as unknown[]) : [] // a collection's items
  for (const item of items) {
    const key = item && typeof item === 'object' && 'key' in item ? item.key : undefined
    if (isScalar(key) && String(key.value) === String(path.at(-1))) return key.range?.[0]
  }
  return undefined
}
