import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { Catalogue } from '../../runtime/catalogue/catalogue.ts'
import { clientFault, clientSchema } from '../../runtime/data/workspace.ts'
import { readFlow } from '../../runtime/flow/read-flow.ts'
import { flowSchema } from '../../runtime/flow/schema.ts'
import { readOpenId } from '../../runtime/server/access/openid/configuration.ts'
import { polkuHere } from '../runtime/commands/polku-here.ts'
import { blocksIn } from './pages.ts'

// A whole flow is checked in a client as `polku new client` makes it. Part of a flow, marked `<!-- fragment -->`, is
// completed and read; so are parts of client.yaml and openid.yaml, and a step, marked `<!-- step -->`.

let folder: string
let root: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'polku-docs-'))
  expect(await polkuHere(folder, 'new', 'client', 'acme')).toMatchObject({ code: 0 })
  root = join(folder, 'acme')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const catalogue = new Catalogue()
type Content = Record<string, unknown>
const isPartOf = (content: Content, properties: object): boolean =>
  Object.keys(content).every((key) => key in properties)

/** What a part says, in the least that is whole around it. */
function readPart(content: Content): void {
  if (isPartOf(content, flowSchema.properties)) {
    const least = { flow: 'part', steps: { first: { uses: 'import/csv', with: { path: 'data/first.csv' } } } }
    readFlow(stringify({ ...least, ...content }), 'part.yaml')
  } else if (isPartOf(content, clientSchema.properties)) {
    expect(clientFault({ client: 'acme', title: 'Acme', ...content })).toBeUndefined()
  } else {
    const file = join(folder, 'openid.yaml')
    writeFileSync(file, stringify(content))
    readOpenId(file, undefined)
  }
}

/** The nodes that a flow's steps name, without models and other flows. */
const nodesOf = (content: Content): string[] =>
  Object.values((content.steps ?? {}) as Record<string, { uses: string }>) // read by readPart before
    .map(({ uses }) => uses)
    .filter((uses) => !/^(model|flow|notebook)\//.test(uses))

describe.each(blocksIn('yaml'))('the YAML at $at', ({ text, role }) => {
  const content = parse(text) as Content // each block is a mapping, or is refused below
  const whole = role === 'step' ? { flow: 'part', steps: { step: content } } : content

  test('has the shape of what it is a part of', () => {
    readPart(whole)
    expect(nodesOf(whole).filter((name) => !catalogue.names.includes(name))).toEqual([])
  })

  const needsMore = /uses: (model|flow|notebook)\//.test(text)
  if (role !== undefined || !('flow' in content && 'steps' in content) || needsMore) return
  test('checks', async () => {
    writeFileSync(join(root, 'flows', `${content.flow}.yaml`), text)
    const { code, out, error } = await polkuHere(root, 'check', String(content.flow))
    expect(code, out + error).toBe(0)
  })
})
