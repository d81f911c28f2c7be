import { expect, test } from 'vitest'
import { errorsText } from '../../runtime/commands/catalogue.ts'
import { errorThemes } from '../../runtime/errors/errors.ts'
import { files, text } from './files.ts'

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

test('docs/errors.md is the table as it is', () => {
  expect(text('docs/errors.md')).toBe(errorsText())
})
