import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { Catalogue } from '../../runtime/catalogue/catalogue.ts'
import { files, text } from './files.ts'

const catalogue = new Catalogue()

test.each(catalogue.names)('%s is complete', async (name) => {
  const { definition, file } = await catalogue.load(name)
  expect(definition.title.length).toBeGreaterThan(2)
  expect(definition.summary).toMatch(/^[A-Z].+\.$/)
  expect(Object.keys(definition.outputs).length).toBeGreaterThan(0)
  for (const [output, description] of Object.entries(definition.outputs))
    expect(description, `output ${output}`).toMatch(/\w{3}/)
  for (const [inputName, spec] of Object.entries(definition.inputs))
    expect(spec.description, `input ${inputName}`).toMatch(/\w{3}/)
  expect(
    'additionalProperties' in definition.params && definition.params.additionalProperties,
    'settings are closed',
  ).toBe(false)
  for (const [setting, schema] of Object.entries(definition.params.properties))
    expect('description' in schema && schema.description, `setting ${setting}`).toMatch(/\w{2}/)
  const cases = join(dirname(file), 'cases')
  expect(existsSync(cases) && readdirSync(cases).length, 'cases').toBeGreaterThan(0)
})

test('every declared error of a node has a case or a test that meets it', async () => {
  const evidence = files
    .filter((file) => /case\.yaml$|^test\/.*\.ts$/.test(file))
    .map(text)
    .join('\n')
  const missing: string[] = []
  for (const name of catalogue.names) {
    const { definition } = await catalogue.load(name)
    for (const error of Object.keys(definition.errors ?? {}))
      if (!evidence.includes(`${name}:${error}`)) missing.push(`${name}:${error}`)
  }
  expect(missing).toEqual([])
})
