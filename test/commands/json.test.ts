import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Ajv } from 'ajv'
import { describe, expect, test } from 'vitest'
import { projectRoot } from '../../runtime/config.ts'
import { runSchema } from '../../runtime/run/record.ts'
import { withWorkspace } from '../workspace.ts'

interface Answer {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** The command line as a person or a program starts it, in a folder. */
const polku = (folder: string, ...words: string[]): Promise<Answer> =>
  promisify(execFile)(process.execPath, [join(projectRoot, 'runtime', 'cli.ts'), ...words], {
    cwd: folder,
    maxBuffer: 1e8,
  }).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      out: error.stdout,
      err: error.stderr,
    }),
  )

const validate = new Ajv({ strict: false }).compile(runSchema)

const flow = `flow: classes
steps:
  orders: { uses: import/csv, with: { path: data/orders.csv } }
  classes: { uses: segment/rfm, from: orders, with: { classes: 3 } }
`

describe('--json', () => {
  test('a run is one object of the schema, and the second run keeps every step', async () => {
    await withWorkspace(async (root) => {
      writeFileSync(join(root, 'flows', 'classes.yaml'), flow)
      const first = await polku(root, 'run', 'classes', '--as-of', '2026-10-01', '--json')
      const record = JSON.parse(first.out)
      expect(validate(record), JSON.stringify(validate.errors)).toBe(true)
      expect(first.code).toBe(0)
      expect(record).toMatchObject({ status: 'done', asOf: '2026-10-01' })
      expect(readFileSync(join(root, record.report), 'utf8')).toContain('<html')
      const second = JSON.parse((await polku(root, 'run', 'classes', '--as-of', '2026-10-01', '--json')).out)
      expect(second.steps.map((step: { cached: boolean }) => step.cached)).toEqual([true, true])
      const explained = await polku(root, 'explain', 'latest')
      expect(explained.out).toContain('kept: nothing it depends on has changed')
    })
  })

  test('a failed run is an object of the schema too, with exit code 1', async () => {
    await withWorkspace(async (root) => {
      writeFileSync(join(root, 'flows', 'classes.yaml'), flow.replace('classes: 3', 'classes: 10'))
      const { code, out } = await polku(root, 'run', 'classes', '--as-of', '2026-10-01', '--json')
      const record = JSON.parse(out)
      expect(validate(record), JSON.stringify(validate.errors)).toBe(true)
      expect(code).toBe(1)
      expect(record.problem).toMatchObject({ code: 'segment/rfm:tooFew', step: 'classes', line: 4 })
    })
  })

  test('a flow that does not check is one object with its problems', async () => {
    await withWorkspace(async (root) => {
      writeFileSync(join(root, 'flows', 'classes.yaml'), flow.replace('segment/rfm', 'segment/rmf'))
      const { code, out } = await polku(root, 'run', 'classes', '--json')
      expect(code).toBe(1)
      expect(JSON.parse(out)).toMatchObject({ status: 'invalid', problems: [{ code: 'NODE_UNKNOWN', line: 4 }] })
    })
  })
})

describe('words', () => {
  test('wrong use is exit code 2, a fault of the flow 1, and help 0', async () => {
    await withWorkspace(async (root) => {
      expect(await polku(root, 'fly')).toMatchObject({ code: 2 })
      expect(await polku(root, 'run')).toMatchObject({ code: 2 })
      expect(await polku(root, 'run', 'x', '--param', 'nonsense')).toMatchObject({ code: 2 })
      const unknown = await polku(root, 'check', 'clases')
      expect(unknown.code).toBe(1)
      expect(unknown.err).toContain('FLOW_NOT_FOUND')
      for (const command of ['check', 'run', 'explain', 'nodes', 'models', 'approve', 'test', 'new']) {
        const help = await polku(root, command, '--help')
        expect(help.code, command).toBe(0)
        expect(help.out).toContain('Usage: polku')
      }
      expect(await polku(root, '--workspace', 'nowhere', 'check', 'x')).toMatchObject({ code: 1 })
    })
  })

  test('pipes get plain lines, and hostile names no control characters', async () => {
    await withWorkspace(async (root) => {
      writeFileSync(join(root, 'flows', 'classes.yaml'), flow)
      const { out } = await polku(root, 'run', 'classes', '--as-of', '2026-10-01')
      expect(out).toContain('classes  6 rows')
      expect(out).not.toContain('\u001b')
      writeFileSync(join(root, 'flows', 'bad.yaml'), flow.replace('classes: 3', 'amount: "\\e[31mred"'))
      const bad = await polku(root, 'check', 'bad')
      expect(bad.err).toContain('COLUMN_UNKNOWN')
      expect(bad.err).not.toContain('\u001b')
    })
  })
})

describe('new', () => {
  test('a client and a node of its own work at once, anywhere on the disk', async () => {
    await withWorkspace(async (root) => {
      rmSync(root, { recursive: true })
      mkdirSync(root)
      expect(await polku(root, 'new', 'client', 'acme')).toMatchObject({ code: 0 })
      expect(await polku(root, 'new', 'client', 'acme')).toMatchObject({ code: 1 })
      expect(await polku(root, 'new', 'client', '../acme')).toMatchObject({ code: 2 })
      const run = await polku(root, 'run', 'first', '--workspace', 'acme', '--as-of', '2026-10-01')
      expect(run.err).toBe('')
      expect(run.code).toBe(0)
      expect(await polku(root, 'new', 'node', 'enrich/my-score', '--workspace', 'acme')).toMatchObject({ code: 0 })
      const tested = await polku(root, 'test', '--workspace', 'acme')
      expect(tested).toMatchObject({ code: 0, out: 'ok     enrich/my-score two-customers\n' })
      expect((await polku(root, 'nodes', 'enrich/my-score', '--workspace', 'acme')).out).toContain('From this value on')
    })
  })
})
