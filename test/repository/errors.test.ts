import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { errorsText } from '../../runtime/commands/catalogue.ts'
import { projectRoot } from '../../runtime/data/installation.ts'
import { errorThemes } from '../../runtime/errors/errors.ts'

const codes = Object.values(errorThemes).flatMap((entries) => Object.keys(entries))

/** The text of all files that git would commit and that the pattern matches. */
const textOf = (pattern: RegExp): string =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: projectRoot,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((file) => pattern.test(file) && existsSync(join(projectRoot, file)))
    .map((file) => readFileSync(join(projectRoot, file), 'utf8'))
    .join('\n')

/** The codes that the text does not name. */
const unnamed = (text: string): string[] => codes.filter((code) => !new RegExp(`\\b${code}\\b`).test(text))

test('a code stands once in the table', () => {
  expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([])
})

test('each code is raised somewhere', () => {
  expect(unnamed(textOf(/^(runtime(?!\/errors\/table)|nodes)\/.*\.ts$/))).toEqual([])
})

test('docs/errors.md is the table as it is', () => {
  expect(readFileSync(join(projectRoot, 'docs', 'errors.md'), 'utf8')).toBe(errorsText())
})
