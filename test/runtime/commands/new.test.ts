import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { polku } from './polku.ts'
import { polkuHere } from './polku-here.ts'

const inFolder = async (work: (folder: string) => Promise<void>): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "polku new's [folder] "))
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const steps = async (root: string, flow: string) => {
  const { out } = await polkuHere(root, 'run', flow, '--as-of', '2026-10-01', '--json')
  const record: { status: string; steps: { name: string; cached: boolean; why: string }[] } = JSON.parse(out)
  expect(record.status, out).toBe('done')
  return Object.fromEntries(record.steps.map(({ name, why }) => [name, why]))
}

test('a new client runs, and a new node of it passes its case and works in a flow', () =>
  inFolder(async (folder) => {
    expect(await polku(folder, 'new', 'client', 'liike')).toMatchObject({ code: 0, error: '' })
    const root = join(folder, 'liike')
    expect(await steps(root, 'first')).toMatchObject({ orders: expect.stringContaining('never done before') })

    expect(await polkuHere(root, 'new', 'node', 'enrich/large')).toMatchObject({ code: 0, error: '' })
    expect(await polku(root, 'test')).toEqual({ code: 0, out: 'ok     enrich/large two-customers\n', error: '' })
    expect((await polkuHere(root, 'nodes', 'enrich/large')).out).toContain('column of customers')
    expect((await polkuHere(root, 'nodes')).out).toMatch(/^enrich\/large +Says in one sentence/m)
    const flow = readFileSync(join(root, 'flows', 'first.yaml'), 'utf8')
    const more = [
      '  large: { uses: enrich/large, from: classes, with: { value: monetary } }',
      '  best: { uses: segment/value-classes, from: classes, with: { value: monetary } }',
    ]
    writeFileSync(
      join(root, 'flows', 'second.yaml'),
      `${flow.replace('flow: first', 'flow: second')}${more.join('\n')}\n`,
    )
    const first = await steps(root, 'second')
    expect(first).toMatchObject({ orders: expect.stringContaining('cached'), large: 'done: it was never done before' })

    // A comment in the node's code redoes the node; its content is the same, so nothing else is.
    appendFileSync(join(root, 'nodes', 'enrich', 'large', 'large.ts'), '\n// A comment.\n')
    const second = await steps(root, 'second')
    expect(second.large).toBe('done: the code of enrich/large changed')
    for (const name of ['customers', 'orders', 'classes', 'best'])
      expect(second[name]).toBe('cached: nothing it depends on has changed')
  }))

test('a case that does not hold fails with what differs, and can be blessed', () =>
  inFolder(async (folder) => {
    await polkuHere(folder, 'new', 'client', 'liike')
    const root = join(folder, 'liike')
    await polkuHere(root, 'new', 'node', 'enrich/large')
    const expected = join(root, 'nodes', 'enrich', 'large', 'cases', 'two-customers', 'expected', 'customers.csv')
    writeFileSync(expected, readFileSync(expected, 'utf8').replace('true', 'false'))
    const failed = await polkuHere(root, 'test', 'enrich/large')
    expect(failed.code).toBe(1)
    expect(failed.out).toMatch(
      /^FAILED enrich\/large two-customers\n.*customers is\n(.*\n)*.*1,250,true\n(.*\n)*.*instead of\n(.*\n)*.*1,250,false/,
    )
    expect((await polkuHere(root, 'test', '--bless')).code).toBe(0)
    expect(readFileSync(expected, 'utf8')).toContain('1,250,true')
  }))

test('what exists is never overwritten, and a node’s mistake is told with its file', () =>
  inFolder(async (folder) => {
    await polkuHere(folder, 'new', 'client', 'liike')
    const root = join(folder, 'liike')
    writeFileSync(join(root, 'client.yaml'), 'client: liike\ntitle: Mine\n')
    const again = await polkuHere(folder, 'new', 'client', 'liike')
    expect(again).toMatchObject({ code: 1, out: '', error: expect.stringMatching(/^ALREADY_EXISTS/) })
    expect(readFileSync(join(root, 'client.yaml'), 'utf8')).toContain('Mine')

    await polkuHere(root, 'new', 'node', 'enrich/large')
    expect(await polkuHere(root, 'new', 'node', 'enrich/large')).toMatchObject({
      code: 1,
      error: expect.stringMatching(/^ALREADY_EXISTS/),
    })
    const file = join(root, 'nodes', 'enrich', 'large', 'large.ts')
    for (const [text, said] of [
      ['export default defineNode({', /NODE_INVALID .*large\.ts/],
      ['export default {}', /it has no title, summary, inputs, params, outputs, run/],
      ["import 'no-such-package'\nexport default {}", /it imports no-such-package, which is not there/],
      ['throw new Error("at once")', /at once/],
    ] as const) {
      writeFileSync(file, text)
      const { code, error } = await polkuHere(root, 'nodes', 'enrich/large')
      expect({ code, error }).toEqual({ code: 1, error: expect.stringMatching(/^NODE_INVALID/) })
      expect(error).toMatch(said)
    }
    expect((await polkuHere(root, 'run', 'first', '--as-of', '2026-10-01')).code).toBe(0)
  }))

test('a client’s node cannot take a name of Polku’s', () =>
  inFolder(async (folder) => {
    await polkuHere(folder, 'new', 'client', 'liike')
    const root = join(folder, 'liike')
    const { code, error } = await polkuHere(root, 'new', 'node', 'segment/rfm')
    expect({ code, error }).toEqual({ code: 2, error: expect.stringMatching(/segment\/rfm cannot be a name/) })
    expect(existsSync(join(root, 'nodes'))).toBe(false)
    mkdirSync(join(root, 'nodes', 'segment', 'rfm'), { recursive: true })
    writeFileSync(join(root, 'nodes', 'segment', 'rfm', 'rfm.ts'), 'export default {}\n')
    const answer = await polkuHere(root, 'run', 'first')
    expect(answer).toMatchObject({ code: 1, error: expect.stringContaining('Polku has a node of that name') })
  }))
