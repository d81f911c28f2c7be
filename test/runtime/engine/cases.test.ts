import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Catalogue } from '../../../runtime/catalogue/catalogue.ts'
import { CaseRunner } from '../../../runtime/engine/cases.ts'

/** Cases by name, each with its files, in a folder that goes with the test. */
function writeCases(cases: Readonly<Record<string, Readonly<Record<string, string>>>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'polku cases ä '))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, files] of Object.entries(cases))
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name, file)), { recursive: true })
      writeFileSync(join(folder, name, file), text)
    }
  return folder
}

const computing = (expression: string) => `about: A column\nwith: { columns: { b: ${expression} } }\n`

test('cases with one database know nothing of one another', async () => {
  const derive = await new Catalogue().load('enrich/derive')
  const folder = writeCases({
    number: { 'case.yaml': computing('a + 1'), 'table.csv': 'a\n1\n', 'expected/table.csv': 'a,b\n1,2\n' },
    // The same names, but of a text: what was found of the numbers must not be taken for it.
    text: { 'case.yaml': computing("a || '!'"), 'table.csv': 'a\nx\n', 'expected/table.csv': 'a,b\nx,x!\n' },
    failing: {
      'case.yaml': `${computing('c + 1')}error: { code: COLUMN_UNKNOWN }\n`,
      'table.csv': 'a\n1\n',
    },
    wider: { 'case.yaml': computing('c + 1'), 'table.csv': 'a,c\n1,2\n', 'expected/table.csv': 'a,c,b\n1,2,3\n' },
  })
  const runner = await CaseRunner.open()
  onTestFinished(() => runner.close())
  for (const order of [readdirSync(folder), readdirSync(folder).reverse()])
    for (const name of order) {
      const { differences } = await runner.run(derive, join(folder, name))
      expect([name, differences]).toEqual([name, []])
    }
})
