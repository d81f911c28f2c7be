import ts from 'typescript'
import { expect, test } from 'vitest'
import { code, text } from './files.ts'

// The words of the code: the field's own, and a noun where a thing is named. What is declared under another word fails.

/** Participles and vague words, which name no thing: `match`, `columns`, `settings`, `row`, `position` do. */
const vague = /^(found|known|given|kept|told|place|parts|asked|wanted|taken|made|shown|seen)$/
/** Own words for the field's: `cached`, `running`, `emit`, `cursor`, `ProgressWriter`, `FlowWatcher`, `activate`, `commit`, `staleTemporary`. */
const own =
  /^(tell|told|adopt|settle|survey|litter|kept|telling)|Telling|Survey|Litter|GoesOn|Kept$|^Found|Told$|Asked$/
/** What a reader has come to is a cursor; the decimal mark of a number and the mark of a class in a profile are the field's. */
const mark = /^marks?$/

/** What a node of the syntax declares under a name of the project's own choice. */
function declaredName(node: ts.Node): ts.Identifier | ts.PrivateIdentifier | undefined {
  if (ts.isPropertyAssignment(node) || ts.isImportSpecifier(node) || ts.isPropertyAccessExpression(node))
    return undefined
  const { name } = node as { name?: ts.Node } // most declarations have one
  return name && (ts.isIdentifier(name) || ts.isPrivateIdentifier(name)) ? name : undefined
}

/** The declarations of a file whose names are none of the field's words. */
function wrongWords(file: string): string[] {
  const source = ts.createSourceFile(file, text(file), ts.ScriptTarget.Latest, true)
  const wrong: string[] = []
  const visit = (node: ts.Node): void => {
    const name = declaredName(node)
    const word = name?.text.replace(/^#/, '') ?? ''
    if (name && (vague.test(word) || own.test(word) || (file.startsWith('runtime/') && mark.test(word))))
      wrong.push(`${file}:${source.getLineAndCharacterOfPosition(name.getStart()).line + 1} ${word}`)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return wrong
}

test('what is declared has the name of the thing that it is', () => {
  const written = code.filter((file) => !file.endsWith('.generated.ts'))
  expect(written.flatMap(wrongWords)).toEqual([])
})
