import { expect, test } from 'vitest'
import { text } from './files.ts'

test('docs/nodes.md is the catalogue of what is there', async () => {
  const { nodesText } = await import('../../runtime/commands/catalogue.ts')
  expect(text('docs/nodes.md')).toBe(await nodesText())
})

test('the operations of the HTTP client are the endpoints of the server', async () => {
  const { operationsText } = await import('../../runtime/commands/catalogue.ts')
  expect(text('runtime/client/operations.generated.ts')).toBe(operationsText())
})

test('the functions of notebooks are those of the nodes that are there', async () => {
  const { nodeTypesText } = await import('../../runtime/commands/catalogue.ts')
  expect(text('runtime/notebook/api/nodes.generated.ts')).toBe(await nodeTypesText())
})
