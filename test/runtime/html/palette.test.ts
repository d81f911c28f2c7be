import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { projectRoot } from '../../../runtime/data/installation.ts'
import { sharedStyle } from '../../../runtime/html/page.ts'
import { paletteSheet } from '../../../runtime/html/palette.ts'

const files = globSync('runtime/**/*.{ts,css,js,svg}', { cwd: projectRoot })
const textOf = (file: string): string => readFileSync(join(projectRoot, file), 'utf8')
const used = (text: string): string[] => [...text.matchAll(/var\((--[\w-]+)\)/g)].map(([, name = '']) => name)

test('every colour stands in the palette and nowhere else', () => {
  // In code a # that no quote precedes is a private name.
  const colours = { code: /['"]#(?:[0-9a-f]{6}|[0-9a-f]{3})\b/i, sheet: /#(?:[0-9a-f]{6}|[0-9a-f]{3})\b|\brgb\(/i }
  const others = files
    .filter((file) => !file.endsWith('html/palette.ts'))
    .filter((file) => colours[file.endsWith('.css') ? 'sheet' : 'code'].test(textOf(file)))
  expect(others).toEqual([])
})

test('every colour that a style sheet names is in the palette, and every one of the palette is used', () => {
  const own = (text: string): string[] => [...text.matchAll(/^\s*(--[\w-]+):/gm)].map(([, name = '']) => name)
  const sheets = files.filter((file) => file.endsWith('.css')).map(textOf)
  const declared = new Set([...own(paletteSheet), ...sheets.flatMap(own)])
  expect(sheets.flatMap(used).filter((name) => !declared.has(name))).toEqual([])
  const code = files.filter((file) => file.endsWith('.ts')).map(textOf)
  const inCode = code.flatMap((text) => [...text.matchAll(/palette\.(\w+)/g)].map(([, name = '']) => name))
  const names = inCode.map((name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`)
  const needed = new Set([...sheets.flatMap(used), ...names])
  expect(own(paletteSheet).filter((name) => !needed.has(name))).toEqual([])
  expect(sharedStyle).toContain(paletteSheet)
})
