import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { projectRoot } from '../../../../../runtime/data/installation.ts'
import { completions, inspection } from '../../../../../runtime/notebook/kernel/compiler/assist.ts'
import { typeErrors } from '../../../../../runtime/notebook/kernel/compiler/compiler.ts'
import { declarationsOf, isOwn } from '../../../../../runtime/notebook/kernel/compiler/declarations.ts'
import { Language } from '../../../../../runtime/notebook/kernel/compiler/language.ts'

const language = new Language(join(projectRoot, 'notebooks'))
const { cells, service } = language

const faults = (code: string): string[] => {
  cells.write('cell', code, 'used')
  return typeErrors(service, cells.path('cell')).map(({ messageText }) =>
    ts.flattenDiagnosticMessageText(messageText, '\n'),
  )
}
const opened = "import { open, plot, publish } from 'polku'\nconst workspace = await open()\n"

describe('a cell that imports polku', () => {
  test('loads no types of what Polku is made of', () => {
    expect(faults(`${opened}workspace.asOf`)).toEqual([])
    const files =
      service
        .getProgram()
        ?.getSourceFiles()
        .map(({ fileName }) => fileName) ?? []
    expect(files.filter((file) => /node_modules\/(typebox|@tensorflow|@duckdb|ajv)\//.test(file))).toEqual([])
    const own = files.filter((file) => isOwn(file, join(projectRoot, 'notebooks')))
    expect(own.length).toBeGreaterThan(15)
    expect(own.length).toBeLessThan(45)
    expect(files.length).toBeLessThan(300)
  })

  test('is told of wrong settings, inputs and outputs', () => {
    expect(faults(`${opened}await workspace.segment.rfm({ orders: await workspace.sql\`x\` }, { clases: 4 })`)).toEqual(
      [expect.stringContaining("'clases' does not exist")],
    )
    expect(faults(`${opened}await workspace.segment.rfm({ orders: 3 })`)).toEqual([
      expect.stringContaining("Type 'number' is not assignable to type 'GivenTable'"),
    ])
    expect(
      faults(`${opened}const { people } = await workspace.segment.rfm({ orders: await workspace.sql\`x\` })`),
    ).toEqual([expect.stringContaining("Property 'people' does not exist")])
  })

  test('takes what only looks like a table for none', () => {
    const table = 'const table = await workspace.sql`x`\n'
    expect(faults(`${opened}${table}await workspace.segment.rfm({ orders: table })`)).toEqual([])
    const like = 'const like = { ...table } as Pick<typeof table, keyof typeof table>\n'
    expect(faults(`${opened}${table}${like}await workspace.segment.rfm({ orders: like })`)).toHaveLength(1)
  })

  test('sees what is meant for it, with its documentation, and nothing else', () => {
    const code = `${opened}workspace.`
    const { matches } = completions(language, code, code.length)
    expect(matches).toEqual(expect.arrayContaining(['sql', 'segment', 'asOf', 'fromArrays', 'run']))
    expect(matches).not.toContain('engine')
    const call = `${opened}workspace.segment.rfm({ orders: await workspace.sql\`x\` }, { classes: 4 })`
    const text = (at: number) => JSON.stringify(inspection(language, call, at).data)
    expect(text(call.indexOf('rfm') + 1)).toContain('Scores customers by recency, frequency and spend')
    expect(text(call.indexOf('classes') + 1)).toContain('How many classes each of the three has')
    expect(text(call.indexOf('sql') + 1)).toContain("Asks in SQL (DuckDB's)")
  })

  test('gives a model of its own TF.js to publish', () => {
    const model = `import * as tf from '@tensorflow/tfjs'
const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] })
const data = await workspace.sql\`select 1\`
const card = { data, target: { column: 'left', positive: 'yes' }, intendedUse: '', limits: '' }`
    const published = (publication: string) =>
      faults(`${opened}${model}\nawait publish.model('churn', { ...card, ${publication} })`)
    expect(published("model, preprocessing: { features: [{ column: 'age' }] }")).toEqual([])
    expect(published("model: 3, preprocessing: { features: [{ column: 'age' }] }")).toHaveLength(1)
  })
})

describe('declarations', () => {
  test('are those of a source whose exports say their types', () => {
    const file = join(projectRoot, 'runtime', 'made-up.ts')
    const source = `import { engine } from './engine.ts'
/** Doubles. */
export const double = (x: number): number => engine.twice(x)
/** @internal */
export const hidden = engine`
    expect(declarationsOf(file, source)).toBe('/** Doubles. */\nexport declare const double: (x: number) => number;\n')
    const unclear = 'export const table = make()'
    expect(declarationsOf(file, unclear)).toBe(unclear)
  })

  test('stand for Polku’s own sources only, and not among them', () => {
    const file = join(projectRoot, 'runtime', 'notebook', 'api', 'open.ts')
    expect(isOwn(file, '/work')).toBe(true)
    expect(isOwn(file, projectRoot)).toBe(true)
    expect(isOwn(file, join(projectRoot, 'runtime', 'notebook'))).toBe(false)
    expect(isOwn(join(projectRoot, 'examples', 'x', 'nodes', 'a.ts'), '/work')).toBe(false)
    expect(isOwn(join(projectRoot, 'runtime-own', 'a.ts'), '/work')).toBe(false)
  })
})

test('a snapshot is planned with the cells among its roots, and with the text of what is not on disk so', () => {
  expect(faults(`${opened}workspace.asOf`)).toEqual([])
  const { roots, files } = language.plan()
  expect(roots).toContain(cells.path('cell'))
  const paths = files.map(({ path }) => path)
  expect(roots.filter((root) => !paths.includes(root))).toEqual([])
  const texts = (pattern: RegExp) => files.filter(({ path }) => pattern.test(path)).map(({ text }) => text)
  expect(texts(/node_modules\/danfojs-node\//).every((text) => text === undefined)).toBe(true)
  expect(texts(/api\/open\.ts$/)).toEqual([expect.stringContaining('export declare function open(')])
  expect(texts(/\/cell\.ts$/)).toEqual([expect.stringContaining('workspace.asOf')])
})
