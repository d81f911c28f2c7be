import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Catalogue } from '../../runtime/catalogue/catalogue.ts'
import { runCase } from '../../runtime/engine/cases.ts'

// Every case of every node: what it expects must come out, to the letter.
const catalogue = new Catalogue()

describe.each(catalogue.names)('%s', (name) => {
  const folder = join(dirname(catalogue.file(name)), 'cases')
  const cases = existsSync(folder) ? readdirSync(folder) : []

  test.each(cases)('%s', async (one) => {
    const result = await runCase(await catalogue.load(name), join(folder, one))
    expect(result.differences).toEqual([])
  })
})
