import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { toProblems } from '../../../runtime/commands/problems.ts'
import { Client } from '../../../runtime/main.ts'
import { withWorkspace } from '../../workspace.ts'

// Valid and invalid flows by folder. An invalid one says in its first lines what must be found:
// `# expect CODE LINE:COLUMN part of the message`, with `-` for a place that does not matter.
const folder = (kind: string): string => join(import.meta.dirname, kind)
const flows = (kind: string): string[] => readdirSync(folder(kind)).filter((file) => file.endsWith('.yaml'))

const check = (file: string): Promise<unknown> =>
  withWorkspace(async (root) => {
    const client = await Client.open(root)
    try {
      return await client.check({ flow: file, params: {}, asOf: '2026-10-01' })
    } finally {
      await client.close()
    }
  })

describe('valid', () => {
  test.each(flows('valid'))('%s', async (name) => {
    const plan = await check(join(folder('valid'), name))
    expect(plan).toMatchObject({ asOf: '2026-10-01' })
  })
})

describe('invalid', () => {
  test.each(flows('invalid'))('%s', async (name) => {
    const file = join(folder('invalid'), name)
    const expected = [...readFileSync(file, 'utf8').matchAll(/^# expect (\w+)(?: (-|\d+:\d+))?(?: (.+))?$/gm)]
    expect(expected.length).toBeGreaterThan(0)
    const problems = toProblems(await check(file).then(() => expect.fail('it was accepted'), (error: unknown) => error))
    for (const [, code, place = '-', text = ''] of expected) {
      const found = problems.find((problem) => problem.code === code && (place === '-' || `${problem.line}:${problem.column}` === place))
      expect(found, JSON.stringify(problems, null, 1)).toBeDefined()
      expect(`${found?.message} ${found?.expected}`).toContain(text)
      expect(found?.file).toContain(name)
    }
    expect(problems.length, JSON.stringify(problems, null, 1)).toBe(expected.length)
  })
})
