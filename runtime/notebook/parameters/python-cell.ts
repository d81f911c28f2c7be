import type { Parameter, ParameterItem, ParameterType, ParameterValue } from './parameters.ts'

// What Polku reads in a cell of Python without running it: lines of `name = literal` or `name: type = literal`.

/** The parameters a cell declares: each assignment at the start of a line whose value is a literal on that line. */
export function pythonParameters(source: string): Parameter[] {
  const parameters = new Map<string, Parameter>()
  for (const line of source.split(/\r?\n/)) {
    const match = /^([A-Za-z_]\w*)\s*(?::\s*([^=]+?)\s*)?=(?!=)\s*(.*)$/.exec(line)
    if (!match) continue
    const [, name = '', annotation, rest = ''] = match
    const value = new LiteralReader(rest).read()
    // A later assignment counts, also one that is no literal.
    parameters.delete(name)
    if (value === undefined) continue
    const type = annotation === undefined ? inferred(value) : annotated(annotation, value)
    if (type) parameters.set(name, { name, type, default: value, annotation })
  }
  return [...parameters.values()]
}

const kindOf = (item: ParameterItem | undefined): ParameterType['kind'] =>
  typeof item === 'number' ? 'number' : typeof item === 'boolean' ? 'boolean' : 'text'

function inferred(value: ParameterValue): ParameterType | undefined {
  // None says nothing of the type: such a parameter needs an annotation.
  if (value === null) return undefined
  const kinds = new Set([value].flat().map(kindOf))
  const [kind = 'text'] = kinds
  return kinds.size > 1 ? undefined : { kind, list: Array.isArray(value), nullable: false }
}

const kinds: Readonly<Record<string, ParameterType['kind']>> = {
  int: 'integer',
  float: 'number',
  str: 'text',
  bool: 'boolean',
}

function annotated(annotation: string, value: ParameterValue): ParameterType | undefined {
  const optional = /^(?:typing\.)?Optional\[(.+)\]$/.exec(annotation)?.[1]
  const options = (optional ?? annotation).split('|').map((part) => part.trim())
  const rest = options.filter((part) => part !== 'None')
  const [only = ''] = rest
  const element = /^(?:typing\.)?(?:list|List|Sequence)\[\s*(\w+)\s*\]$/.exec(only)?.[1]
  const name = element ?? only
  const kind = rest.length === 1 && Object.hasOwn(kinds, name) ? kinds[name] : undefined
  const nullable = optional !== undefined || rest.length < options.length
  if (kind) return { kind, list: element !== undefined, nullable }
  const guess = inferred(value)
  return guess && { ...guess, nullable }
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  '0': '\0',
  '\\': '\\',
  "'": "'",
  '"': '"',
}

/** Reads one literal that is all of a line but a comment. */
class LiteralReader {
  #rest: string

  constructor(text: string) {
    this.#rest = text
  }

  /** The value; undefined where the text is no literal of a parameter. */
  read(): ParameterValue | undefined {
    const value = this.#value()
    return value === undefined || !/^\s*(#.*)?$/.test(this.#rest) ? undefined : value
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    const match = pattern.exec(this.#rest)
    if (!match) return undefined
    this.#rest = this.#rest.slice(match[0].length)
    return match
  }

  #value(): ParameterValue | undefined {
    if (this.#take(/^None\b/)) return null
    const close = this.#take(/^\[\s*/) ? /^\s*\]/ : undefined
    if (!close) return this.#item()
    const items: ParameterItem[] = []
    while (!this.#take(close)) {
      const item = this.#item()
      if (item === undefined) return undefined
      items.push(item)
      if (!this.#take(/^\s*,\s*/) && !close.test(this.#rest)) return undefined
    }
    return items
  }

  #item(): ParameterItem | undefined {
    const word = this.#take(/^(True|False)\b/)?.[1]
    if (word) return word === 'True'
    const digits = this.#take(/^[+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])/)?.[0]
    if (digits !== undefined) return Number(digits.replaceAll('_', ''))
    const quoted = this.#take(/^'((?:[^'\\]|\\.)*)'(?!')/) ?? this.#take(/^"((?:[^"\\]|\\.)*)"(?!")/)
    return quoted ? withoutEscapes(quoted[1] ?? '') : undefined
  }
}

const withoutEscapes = (text: string): string =>
  text.replaceAll(
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/g,
    (whole, two?: string, four?: string, eight?: string, one?: string) => {
      const code = two ?? four ?? eight
      if (code !== undefined)
        return Number.parseInt(code, 16) > 0x10ffff ? whole : String.fromCodePoint(Number.parseInt(code, 16))
      return escapes[one ?? ''] ?? whole
    },
  )
