import { join } from 'node:path'
import ts from 'typescript'
import { beforeAll, describe, expect, test } from 'vitest'
import { projectRoot } from '../../../../runtime/data/installation.ts'

// Each snippet is compiled as a cell of a notebook is: what it says of the nodes is a matter of their generated types.

const snippets: Record<string, string> = {
  right: `const { customers } = await workspace.segment.rfm({ orders }, { classes: 4 })
    const n: number = customers.count()`,
  'a whole result as an input': `const read = await workspace.import.csv({}, { path: 'data/orders.csv' })
    await workspace.segment.rfm({ orders: read }, {})`,
  'settings that may all be left out': 'await workspace.segment.rfm({ orders })',
  'an optional input': 'await workspace.enrich.customerFeatures({ orders, customers: orders })',
  'a misspelt setting': 'await workspace.segment.rfm({ orders }, { clases: 4 })',
  'a setting of another type': "await workspace.segment.rfm({ orders }, { classes: 'four' })",
  'a choice that is none': "await workspace.import.csv({}, { path: 'x', compression: 'zip' })",
  'a missing setting': 'await workspace.import.csv({}, {})',
  'settings left out that are needed': 'await workspace.import.csv({})',
  'a missing input': 'await workspace.segment.rfm({}, { classes: 4 })',
  'a misspelt input': 'await workspace.segment.rfm({ order: orders })',
  'an input of a node without': "await workspace.import.csv({ orders }, { path: 'x' })",
  'rows in place of a table': 'await workspace.segment.rfm({ orders: [{ amount: 1 }] })',
  'a promise in place of a table': "await workspace.segment.rfm({ orders: workspace.import.csv({}, { path: 'x' }) })",
  'an output that is not there': 'const { people } = await workspace.segment.rfm({ orders })',
  'a node that is not there': 'await workspace.segment.rmf({ orders })',
}

const prelude = `import { open } from 'polku'
const workspace = await open()
const { rows: orders } = await workspace.import.csv({}, { path: 'data/orders.csv' })
`

const fileOf = (name: string): string => join(projectRoot, 'test', `${name.replaceAll(' ', '-')}.snippet.ts`)
const texts = new Map(Object.entries(snippets).map(([name, text]) => [fileOf(name), prelude + text]))

let service: ts.LanguageService

beforeAll(() => {
  const config = ts.getParsedCommandLineOfConfigFile(join(projectRoot, 'tsconfig.json'), undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: () => {},
  })
  service = ts.createLanguageService({
    getCompilationSettings: () => config?.options ?? {},
    getScriptFileNames: () => [...texts.keys()],
    getScriptVersion: () => '1',
    getScriptSnapshot: (file) => {
      const text = texts.get(file) ?? ts.sys.readFile(file)
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
    },
    getCurrentDirectory: () => projectRoot,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (file) => texts.has(file) || ts.sys.fileExists(file),
    readFile: (file) => texts.get(file) ?? ts.sys.readFile(file),
    directoryExists: ts.sys.directoryExists,
  })
})

const faults = (name: string): string[] =>
  service
    .getSemanticDiagnostics(fileOf(name))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))

describe('compiles', () => {
  test.each(['right', 'a whole result as an input', 'settings that may all be left out', 'an optional input'])(
    '%s',
    (name) => expect(faults(name)).toEqual([]),
  )
})

describe('is a type error', () => {
  test.each([
    ['a misspelt setting', "'clases' does not exist"],
    ['a setting of another type', "Type 'string' is not assignable to type 'number'"],
    ['a choice that is none', '"zip"'],
    ['a missing setting', "Property 'path' is missing"],
    ['settings left out that are needed', 'Expected 2 arguments, but got 1'],
    ['a missing input', "Property 'orders' is missing"],
    ['a misspelt input', "'order' does not exist"],
    ['an input of a node without', 'is not assignable to type'],
    ['rows in place of a table', 'is not assignable to type'],
    ['a promise in place of a table', 'is not assignable to type'],
    ['an output that is not there', "Property 'people' does not exist"],
    ['a node that is not there', "Property 'rmf' does not exist"],
  ])('%s', (name, expected) => {
    const messages = faults(name)
    expect(messages).toHaveLength(1)
    expect(messages[0]).toContain(expected)
  })
})

test('settings complete with their descriptions', () => {
  const file = fileOf('right')
  const text = texts.get(file) ?? ''
  const at = text.indexOf('classes')
  const names = service.getCompletionsAtPosition(file, at, {})?.entries.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['asOf', 'classes', 'customer']))
  const { documentation } = service.getQuickInfoAtPosition(file, at) ?? {}
  expect(ts.displayPartsToString(documentation)).toContain(
    'How many classes each of the three has (from 2 to 10; default `5`)',
  )
  const node = service.getQuickInfoAtPosition(file, text.indexOf('rfm'))
  expect(ts.displayPartsToString(node?.documentation)).toContain('Scores customers by recency, frequency and spend')
})
