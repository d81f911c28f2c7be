import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Catalogue } from '../../runtime/catalogue/catalogue.ts'
import { CaseRunner } from '../../runtime/engine/cases.ts'

// Every case of every node: what it expects must come out, to the letter.
const catalogue = new Catalogue()

let runner: CaseRunner
beforeAll(async () => {
  runner = await CaseRunner.open()
})
afterAll(() => runner.close())

describe.each(catalogue.names)('%s', (name) => {
  const folder = join(dirname(catalogue.file(name)), 'cases')
  const cases = existsSync(folder) ? readdirSync(folder) : []

  test.each(cases)('%s', async (one) => {
    const result = await runner.run(await catalogue.load(name), join(folder, one))
    expect(result.differences).toEqual([])
  })
})
