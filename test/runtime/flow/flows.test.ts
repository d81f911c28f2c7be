import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Engine } from '../../../runtime/engine/engine.ts'
import { toProblems } from '../../../runtime/errors/problems.ts'
import { parseSource } from '../../../runtime/flow/source.ts'
import { openEngine } from '../../../runtime/notebook/step/provider.ts'

// Valid and invalid flows by folder. An invalid one says in its first lines what must be found, and nothing
// else may be: `# expect CODE LINE:COLUMN part of the message`, with `-` for a fault that has no place.
const folder = (kind: string): string => join(import.meta.dirname, kind)
const flows = (kind: string): string[] => readdirSync(folder(kind)).filter((file) => file.endsWith('.yaml'))

const fixture = join(import.meta.dirname, '..', '..', 'fixtures', 'workspace')
let client: Engine
let root = ''

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'polku-test-'))
  cpSync(fixture, root, { recursive: true })
  client = await openEngine(root)
})
afterAll(async () => {
  await client.close()
  rmSync(root, { recursive: true })
})

const check = (file: string) => client.check({ flow: file, params: {}, asOf: '2026-10-01' })

describe('valid', () => {
  test.each(flows('valid'))('%s', async (name) => {
    const plan = await check(join(folder('valid'), name))
    expect(plan.asOf).toBe('2026-10-01')
    for (const step of plan.steps)
      for (const [output, columns] of Object.entries(step.outputs))
        expect(columns.length, `${step.name}.${output}`).toBeGreaterThan(0)
  })
})

describe('invalid', () => {
  test.each(flows('invalid'))('%s', async (name) => {
    const file = join(folder('invalid'), name)
    const expected = [...readFileSync(file, 'utf8').matchAll(/^# expect (\w+) (-|\d+:\d+) (.+)$/gm)]
    expect(expected.length).toBeGreaterThan(0)
    const problems = toProblems(
      await check(file).then(
        () => expect.fail('it was accepted'),
        (error: unknown) => error,
      ),
    )
    const placed = problems.map(({ code, line, column }) => `${code} ${line === undefined ? '-' : `${line}:${column}`}`)
    expect(placed).toEqual(expected.map(([, code, position]) => `${code} ${position}`))
    for (const [index, [, , , text = '']] of expected.entries()) {
      expect(`${problems[index]?.message} ${problems[index]?.expected}`).toContain(text)
      expect(problems[index]?.file).toContain(name)
    }
  })

  test('are refused unread where they are longer than a megabyte', () => {
    const text = `flow: x\n# ${'x'.repeat(1_000_000)}\n`
    expect(() => parseSource(text, 'flows/x.yaml')).toThrow(
      expect.objectContaining({ code: 'FLOW_TOO_LARGE', message: 'The flow is 2 MB long.' }),
    )
  })

  test('leave no table behind in the workspace', () => {
    expect(readdirSync(root).filter((name) => name !== '.polku')).toEqual(readdirSync(fixture))
    expect(readdirSync(join(root, '.polku'))).toEqual(['tmp'])
  })
})
