import { createRequire } from 'node:module'
import { posix } from 'node:path'
import type ts from 'typescript'

/** What a module's text names of other modules and of files. */
export interface References {
  /** The modules it imports, by the names that stand in the text. */
  readonly modules: readonly string[]
  /** Relative paths in other texts: of files that it reads, or of modules that it loads in another way. */
  readonly paths: readonly string[]
  /** Whether it also loads what cannot be told from its text, such as `import(name)`. */
  readonly isOpen: boolean
}

const statement = /^(?:import|export)\s[^'"`;()]*?\sfrom\s+'([^'\n\\]+)'$/gm

/**
 * What may load a module or name a file in another way than a plain statement does. A word in a comment may look so, too;
 * then the parser tells. (Each begins with what is seldom: one pattern of all takes five times as long.)
 */
const unclear = [
  /\bimport(?:\s*[{('"*]|\s*\/[*/]|\s*\.(?!meta\b))/,
  /(?<=(?:^|[;}/])\s*)import\s/m,
  /\bexport\s*(?:[{*]|\/[*/])/,
  /\brequire\b/,
  /createRequire/,
  /\bimport\s*\.\s*meta\b|\b__(?:dirname|filename)\b/,
  /['"`](?:\.\.?\/|\.\.['"`]|\\(?:x2[eE]|u002[eE]|u\{))/,
]

/** The modules that a text's plain statements name; undefined where it may refer to more. */
function plainModules(text: string): readonly string[] | undefined {
  const modules: string[] = []
  const rest = text.replace(statement, (_, name: string) => {
    modules.push(name)
    return ''
  })
  return unclear.some((pattern) => pattern.test(rest)) ? undefined : modules
}

/** @internal Whether only the parser can tell what a text refers to. */
export const needsParser = (text: string): boolean => plainModules(text) === undefined

/**
 * Reads a module's references, those of its types too. A text whose imports are all plain statements needs no parser:
 * TypeScript takes 80 ms of the processor to load. (es-module-lexer takes 7 and cannot read all of TypeScript, such
 * as `a! / b`.)
 */
export function referencesOf(text: string): References {
  const modules = plainModules(text)
  return modules ? { modules, paths: [], isOpen: false } : parse(text)
}

let compiler: typeof ts | undefined

/** By `require`, since reading what `import` of it would give takes half as long again. */
function loadCompiler(): typeof ts {
  compiler ??= createRequire(import.meta.url)('typescript') as typeof ts // what the package declares
  return compiler
}

const isRelative = (text: string): boolean => /^\.\.?(\/|$)/.test(text)

/** Such as `papaparse`, `@scope/name` and `name/sub/path`. */
const isPackage = (text: string): boolean => /^(@[\w.-]+\/)?[\w-][\w.-]*(\/[\w./-]*)?$/.test(text)

function parse(text: string): References {
  const { createSourceFile, forEachChild, isIdentifier, isStringLiteralLike, isTemplateExpression, ScriptTarget } =
    loadCompiler()
  const modules = new Set<string>()
  const texts = new Set<string>()
  let isOpen = false
  let isRequiring = false
  const file = createSourceFile('module.ts', text, ScriptTarget.ESNext)
  const pathOf = pathReader(file)
  /** @param isWithin whether a path that is put together of more was read. */
  const visit = (node: ts.Node, isWithin: boolean): void => {
    if (isStringLiteralLike(node)) texts.add(node.text)
    // The rest of a path that is put together may be anything.
    if (isTemplateExpression(node) && isRelative(node.head.text)) {
      isOpen = true
      texts.add(node.head.text.replace(/[^/]*$/, ''))
    }
    const path = isWithin ? undefined : pathOf(node)
    if (path?.isOwn) texts.add(`./${path.text}`)
    if (path?.isOwn && path.text === self) isOpen = true
    if (isIdentifier(node) && /^(require|createRequire)$/.test(node.text)) isRequiring = true
    const name = moduleName(node)
    if (name && isStringLiteralLike(name)) modules.add(name.text)
    else if (name) isOpen = true
    forEachChild(node, (child) => visit(child, isWithin || path?.isOwn === true))
  }
  visit(file, false)
  // What `createRequire` gives may have any name.
  if (isRequiring) for (const each of texts) if (isPackage(each)) modules.add(each)
  return { modules: [...modules], paths: [...texts].filter(isRelative), isOpen: isOpen || isRequiring }
}

/** What an import or a re-export names: a constant, or for `import()` any expression. */
function moduleName(node: ts.Node): ts.Expression | undefined {
  const { isCallExpression, isExportDeclaration, isImportDeclaration, SyntaxKind } = loadCompiler()
  if (isImportDeclaration(node) || isExportDeclaration(node)) return node.moduleSpecifier
  const isImport = isCallExpression(node) && node.expression.kind === SyntaxKind.ImportKeyword
  return isImport ? node.arguments[0] : undefined
}

/** A text that an expression gives; `isOwn` where it is a path, relative to the module's folder. */
interface ConstantText {
  readonly text: string
  readonly isOwn: boolean
}

/** Stands for the module's own file. */
const self = 'the module itself'

/** Reads paths that a module puts together from where it lies: `join(import.meta.dirname, '..', 'x.json')` and the like. */
function pathReader(file: ts.SourceFile): (node: ts.Node) => ConstantText | undefined {
  const compiler = loadCompiler()
  const constants = new Map<string, ts.Expression>()
  const collect = (node: ts.Node): void => {
    if (compiler.isVariableDeclaration(node) && compiler.isIdentifier(node.name) && node.initializer)
      constants.set(node.name.text, node.initializer)
    compiler.forEachChild(node, collect)
  }
  collect(file)
  const all = (nodes: readonly ts.Node[], depth: number): readonly ConstantText[] | undefined => {
    const texts = nodes.map((node) => read(node, depth + 1))
    return texts.every((each) => each !== undefined) ? texts : undefined
  }
  const joined = (texts: readonly ConstantText[] | undefined, join: (texts: readonly string[]) => string) =>
    texts && { text: join(texts.map(({ text }) => text)), isOwn: texts.some(({ isOwn }) => isOwn) }
  const named = (name: string, depth: number): ConstantText | undefined => {
    if (name === '__dirname') return { text: '.', isOwn: true }
    if (name === '__filename') return { text: self, isOwn: true }
    const value = constants.get(name)
    return value && read(value, depth + 1)
  }
  const property = (node: ts.PropertyAccessExpression, depth: number): ConstantText | undefined => {
    const name = node.name.text
    if (compiler.isMetaProperty(node.expression))
      return /^(dirname|filename|url)$/.test(name) ? { text: name === 'dirname' ? '.' : self, isOwn: true } : undefined
    return /^(href|pathname)$/.test(name) ? read(node.expression, depth + 1) : undefined
  }
  const template = ({ head, templateSpans }: ts.TemplateExpression, depth: number): ConstantText | undefined => {
    const filled = all(
      templateSpans.map(({ expression }) => expression),
      depth,
    )
    return joined(filled, (texts) =>
      concat([head.text, ...texts.flatMap((text, index) => [text, templateSpans[index]?.literal.text ?? ''])]),
    )
  }
  const call = (node: ts.CallExpression | ts.NewExpression, depth: number): ConstantText | undefined => {
    const [, name = ''] = /(?:^|\.)(\w+)$/.exec(node.expression.getText(file)) ?? []
    const reading = Object.hasOwn(calls, name) ? calls[name] : undefined
    return reading && joined(all(node.arguments ?? [], depth), reading)
  }
  const read = (node: ts.Node, depth = 0): ConstantText | undefined => {
    if (depth > 20) return undefined // a constant that names itself
    if (compiler.isStringLiteralLike(node)) return { text: node.text, isOwn: false }
    if (compiler.isIdentifier(node)) return named(node.text, depth)
    if (compiler.isParenthesizedExpression(node)) return read(node.expression, depth + 1)
    if (compiler.isPropertyAccessExpression(node)) return property(node, depth)
    if (compiler.isTemplateExpression(node)) return template(node, depth)
    if (compiler.isBinaryExpression(node))
      return node.operatorToken.kind === compiler.SyntaxKind.PlusToken
        ? joined(all([node.left, node.right], depth), concat)
        : undefined
    return compiler.isCallExpression(node) || compiler.isNewExpression(node) ? call(node, depth) : undefined
  }
  return (node) => read(node)
}

const concat = (texts: readonly string[]): string => texts.join('')

/** The calls that put paths together, by their last name. */
const calls: Readonly<Record<string, (texts: readonly string[]) => string>> = {
  join: (texts) => posix.join(...texts),
  resolve: (texts) => posix.join(...texts),
  dirname: ([text = '']) => posix.dirname(text),
  fileURLToPath: concat,
  URL: ([path = '', from = '']) => posix.join(from.endsWith('/') ? from : posix.dirname(from), path),
}
