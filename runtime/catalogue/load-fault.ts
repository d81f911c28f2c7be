import { readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { list } from '../data/files.ts'
import { projectRoot } from '../data/installation.ts'
import { PolkuError, type Position } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'
import { isPolku } from './self.ts'
import { pathOf, thrownIn } from './stack.ts'

interface LoadFault {
  readonly reason: string
  readonly right: string
  readonly position?: Position
}

/** What the author of a node has to mend when its module cannot be loaded: an import, its syntax, or what it does while it is loaded. `files` are those of the node. */
export function loadFault(node: string, file: string, files: readonly string[], error: unknown): PolkuError {
  const { reason, right, position } = importFault(files, error) ?? syntaxFault(error) ?? thrownFault(file, error)
  return new PolkuError('NODE_INVALID', { node, reason, right }, { file, ...position }, error)
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

/** An import of what is not there. Node names the importing module, but not the line. */
function importFault(files: readonly string[], error: unknown): LoadFault | undefined {
  if (!/^ERR_(MODULE_NOT_FOUND|PACKAGE_PATH_NOT_EXPORTED|UNSUPPORTED_DIR_IMPORT)$/.test(codeOf(error))) return undefined
  const { message } = error as Error // it has a code
  const named = pathOf(/ imported from (\S.*)$/m.exec(message)?.[1] ?? '')
  // The folder may have an apostrophe in its name.
  const target = /'(.+)' (?:imported from|is not) /.exec(message)?.[1] ?? /'([^']+)'/.exec(message)?.[1] ?? ''
  // What imports Polku does so for Node from Polku's own package.
  for (const importer of named === join(projectRoot, 'package.json') ? files : [named]) {
    const text = textOf(importer)
    const imports = [...text.matchAll(/(?<=\b(?:from|import)\s*\(?\s*)(['"])([^'"\n]+)\1/g)]
    const match = imports.find(([, , specifier = '']) => leadsTo(specifier, importer, target))
    if (!match) continue
    const [, , specifier = ''] = match
    return {
      ...importWords(specifier, importer),
      position: { file: importer, ...lineAndColumn(text, match.index) },
    }
  }
  return importWords(target, named)
}

const importWords = (specifier: string, importer: string) => ({
  reason: `it imports ${specifier}, which is not there.`,
  right: whatIsThere(specifier, importer),
})

/** Whether a module's name in a file stands for what Node did not find. */
function leadsTo(specifier: string, importer: string, target: string): boolean {
  if (specifier.startsWith('.')) return resolve(dirname(importer), specifier) === target
  if (isPolku(specifier)) {
    const inPackage = specifier.slice('polku/'.length)
    return target === `./${inPackage}` || target === join(projectRoot, 'nodes', `${inPackage}.ts`)
  }
  return specifier === target || specifier.startsWith(`${target}/`)
}

function whatIsThere(specifier: string, importer: string): string {
  if (isPolku(specifier)) {
    const lib = list(join(projectRoot, 'nodes', 'lib')).map((file) => `polku/lib/${basename(file, '.ts')}`)
    return nearest(specifier, ['polku', 'polku/node', 'polku/sql', ...lib], 'module')
  }
  if (!specifier.startsWith('.'))
    return 'A package that is installed in a node_modules above the node, or polku/node, polku/sql, polku/lib/….'
  const folder = dirname(resolve(dirname(importer), specifier))
  const files = list(folder).filter((file) => /\.[cm]?[jt]s$/.test(file))
  return nearest(basename(specifier), files, 'module')
}

/** What Node or its type stripping cannot read. The first lines of its stack show where: `FILE:LINE`, the text, a caret below. */
function syntaxFault(error: unknown): LoadFault | undefined {
  if (!(error instanceof SyntaxError)) return undefined
  const [, address = '', line = ''] = /^(\/.*|file:.*):(\d+)$/m.exec(error.stack ?? '') ?? []
  if (address === '') return undefined
  const caret = (error.stack ?? '').split('\n').find((each) => /^\s*\^+\s*$/.test(each))
  const missing = / does not provide an export named /.test(error.message)
  return {
    reason: `${missing ? 'an import does not fit' : 'its code cannot be read'}: ${error.message}.`,
    right: missing
      ? 'A name that the module exports.'
      : 'TypeScript that runs once its types are taken away: no enum, namespace or parameter property.',
    position: {
      file: pathOf(address),
      line: Number(line),
      ...(caret !== undefined && { column: caret.indexOf('^') + 1 }),
    },
  }
}

function thrownFault(file: string, error: unknown): LoadFault {
  const message = error instanceof Error ? error.message : String(error)
  return {
    reason: `it throws while it is loaded: ${message}`,
    right: 'A module that only declares its node; what works belongs into run().',
    position: error instanceof Error ? thrownIn(error, dirname(dirname(dirname(file)))) : undefined,
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // then there is no line to name
  }
}

/** The position of an offset in a text. */
export function lineAndColumn(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset)
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}

/** The position of the first `text` in quotes in a node's file, where it is there. */
export function positionOfText(file: string, text: string): Position {
  const source = textOf(file)
  const offset = ["'", '"', '`'].map((quote) => source.indexOf(`${quote}${text}${quote}`)).find((at) => at >= 0)
  return offset === undefined ? { file } : { file, ...lineAndColumn(source, offset) }
}

/** The position of a key of an object in a node's file, where it is there. */
export function positionOfKey(file: string, key: string): Position {
  const source = textOf(file)
  const match = new RegExp(`(?<=[\\s{,])(['"]?)${key.replaceAll(/[^\w$]/g, '\\$&')}\\1\\s*[:(,]`).exec(source)
  return match ? { file, ...lineAndColumn(source, match.index) } : { file }
}
