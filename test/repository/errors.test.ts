import ts from 'typescript'
import { expect, test } from 'vitest'
import { errorsText } from '../../runtime/commands/catalogue.ts'
import { errorThemes } from '../../runtime/errors/errors.ts'
import type { ErrorEntry } from '../../runtime/errors/table/entry.ts'
import { code, files, text } from './files.ts'

const codes = Object.values(errorThemes).flatMap((entries) => Object.keys(entries))

/** The text of all files that the pattern matches. */
const textOf = (pattern: RegExp): string =>
  files
    .filter((file) => pattern.test(file))
    .map(text)
    .join('\n')

/** The codes that the text does not name. */
const unnamed = (all: string): string[] => codes.filter((code) => !new RegExp(`\\b${code}\\b`).test(all))

test('a code stands once in the table', () => {
  expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([])
})

test('each code is raised somewhere', () => {
  expect(unnamed(textOf(/^(runtime(?!\/errors\/table)|nodes)\/.*\.ts$/))).toEqual([])
})

test('each code is named by a test', () => {
  expect(unnamed(textOf(/^test\/(?!repository\/).*\.(ts|yaml)$|case\.yaml$/))).toEqual([])
})

test('an error is raised with a value for each {word} of its text', () => {
  const entries: Readonly<Record<string, ErrorEntry>> = Object.assign({}, ...Object.values(errorThemes))
  const missing: string[] = []
  const visit = (node: ts.Node): void => {
    ts.forEachChild(node, visit)
    if (!ts.isNewExpression(node) || node.expression.getText() !== 'PolkuError') return
    const [name, values] = node.arguments ?? []
    const entry = name && ts.isStringLiteral(name) ? entries[name.text] : undefined
    if (!entry || (values && !ts.isObjectLiteralExpression(values))) return
    const properties = values?.properties ?? []
    // What is spread into them is not told by the text.
    if (properties.some(ts.isSpreadAssignment)) return
    const words = [...`${entry.message} ${entry.expected}`.matchAll(/\{(\w+)\}/g)].map(([, word]) => word)
    const names = properties.map((property) => property.name?.getText())
    const unfilled = words.filter((word) => !names.includes(word))
    if (unfilled.length > 0) missing.push(`${node.getText()}: ${unfilled.join(', ')}`)
  }
  for (const file of code.filter((each) => /^(runtime|nodes)\//.test(each)))
    visit(ts.createSourceFile(file, text(file), ts.ScriptTarget.Latest, true))
  expect(missing).toEqual([])
})

test('docs/errors.md is the table as it is', () => {
  expect(text('docs/errors.md')).toBe(errorsText())
})
