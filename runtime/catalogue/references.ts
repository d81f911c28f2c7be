import { createRequire } from 'node:module'
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
  const visit = (node: ts.Node): void => {
    if (isStringLiteralLike(node)) texts.add(node.text)
    // The rest of a path that is put together may be anything.
    if (isTemplateExpression(node) && isRelative(node.head.text)) isOpen = true
    if (isIdentifier(node) && /^(require|createRequire)$/.test(node.text)) isRequiring = true
    const name = moduleName(node)
    if (name && isStringLiteralLike(name)) modules.add(name.text)
    else if (name) isOpen = true
    forEachChild(node, visit)
  }
  visit(createSourceFile('module.ts', text, ScriptTarget.ESNext))
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
