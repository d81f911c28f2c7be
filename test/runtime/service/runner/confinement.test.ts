import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runRequest, type TestService, testService, whenRun } from '../../../fixtures/service.ts'

// A client's own node that tries what it should not, and tells how it went.

const curious = (
  folder: string,
) => `import { readFileSync, writeFileSync, readdirSync, statSync, symlinkSync, rmSync } from 'node:fs'
import { execFileSync, fork } from 'node:child_process'
import { Worker } from 'node:worker_threads'
import { join } from 'node:path'
import { defineNode, input, Type } from 'polku/node'
import { sql } from 'polku/sql'
const folder = ${JSON.stringify(folder)}
const tries = {
  'read a system file': () => readFileSync('/etc/passwd'),
  'read another client': () => readFileSync(join(folder, 'second/data/n.csv')),
  'make a link that leads out': () => symlinkSync(join(folder, 'second'), join(folder, 'first/data/link')),
  'climb out': () => readFileSync(join(folder, 'first/data/../../second/data/n.csv')),
  'list the clients': () => readdirSync(folder),
  'see a file of another': () => statSync(join(folder, 'second/client.yaml')),
  'read the service’s key': () => readFileSync(join(folder, '.polku/secret.key')),
  'read the environment of the service': () => readFileSync('/proc/' + process.ppid + '/environ'),
  'write elsewhere': () => writeFileSync(join(folder, 'second/data/written'), 'x'),
  'write into Polku': () => writeFileSync(join(process.argv[1], '..', 'written'), 'x'),
  'remove elsewhere': () => rmSync(join(folder, 'second/client.yaml')),
  'start a program': () => execFileSync('cat', ['/etc/passwd']),
  'start a process of its own': () => fork(join(folder, 'first/nodes/enrich/curious/curious.ts')),
}
const attempt = (work) => {
  try {
    work()
    return 'done'
  } catch (error) {
    return error.code ?? error.message
  }
}
export default defineNode({
  title: 'Curious',
  summary: 'Tries what it should not.',
  inputs: { rows: input('Rows') },
  params: Type.Object({}, { additionalProperties: false }),
  outputs: { rows: 'The same rows' },
  plan: ({ rows }) => sql\`select n from \${rows}\`,
  async run({ rows }, params, context) {
    for (const [name, work] of Object.entries(tries)) context.note(name + ': ' + attempt(work))
    const worker = new Worker("try { require('fs').readFileSync('/etc/passwd'); console.log('done') } catch (error) { require('worker_threads').parentPort.postMessage(error.code) }", { eval: true })
    context.note('read in a thread: ' + (await new Promise((resolve) => worker.once('message', resolve).once('exit', () => resolve('done')))))
    context.note('environment: ' + Object.keys(process.env).sort().join(' '))
    context.note('its own: ' + attempt(() => writeFileSync(join(folder, 'first/data/own'), readFileSync(join(folder, 'first/data/n.csv')))))
    return sql\`select n from \${rows}\`
  },
})
`

let started: TestService
beforeAll(async () => {
  started = await testService(['first', 'second'], { slots: 1 })
  const { folder } = started
  const root = join(folder, 'first')
  mkdirSync(join(root, 'nodes/enrich/curious'), { recursive: true })
  writeFileSync(join(root, 'nodes/enrich/curious/curious.ts'), curious(folder))
  writeFileSync(
    join(root, 'flows/curious.yaml'),
    'flow: curious\nsteps:\n  s0: { uses: import/csv, with: { path: data/n.csv } }\n  s1: { uses: enrich/curious, from: s0 }\n',
  )
})
afterAll(() => started.end())

test('a client’s own node reads and writes its client’s folder, and nothing else', async () => {
  process.env.POLKU_SECRET_KEY = 'not for a run'
  process.env.POLKU_TEST_PASSWORD = 'not for a run either'
  try {
    const { run } = await started.service.queue.request(runRequest('curious'))
    const { problem } = await whenRun(started, run)
    expect(problem).toBeNull()
    const record = JSON.parse(readFileSync(join(started.folder, `first/.polku/runs/${run.id}/run.json`), 'utf8'))
    const notes: string[] = record.steps[1].findings.map(({ text }: { text: string }) => text)
    const environment = notes.find((note) => note.startsWith('environment: '))
    expect(environment).not.toMatch(/SECRET|PASSWORD|DATABASE|TOKEN/)
    expect(notes).toContain('its own: done')
    const tried = notes.filter((note) => !/^(environment|its own)/.test(note))
    expect(tried.length).toBe(14)
    expect(tried.filter((note) => !note.endsWith(': ERR_ACCESS_DENIED'))).toEqual([])
    expect(existsSync(join(started.folder, 'second/data/written'))).toBe(false)
    expect(existsSync(join(started.folder, 'second/client.yaml'))).toBe(true)
  } finally {
    delete process.env.POLKU_SECRET_KEY
    delete process.env.POLKU_TEST_PASSWORD
  }
})

test('a notebook of a flow runs in a kernel that is confined alike', async () => {
  const root = join(started.folder, 'first')
  const code = (id: string, source: string) => ({
    ...{ cell_type: 'code', id, source, metadata: {}, outputs: [], execution_count: null },
  })
  const look = `import { readFileSync } from 'node:fs'
let got = 'read'
try { readFileSync(${JSON.stringify(join(started.folder, 'second/data/n.csv'))}) } catch (error) { got = String(error) }
got`
  const cells = [
    code('a', `import { open } from 'polku'\nconst client = await open()`),
    code('b', `(await client.import.csv({}, { path: 'data/n.csv' })).rows`),
    code('c', look),
  ]
  const metadata = { kernelspec: { name: 'polku', display_name: 'Polku', language: 'typescript' } }
  mkdirSync(join(root, 'notebooks'))
  const notebook = JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata, cells })
  writeFileSync(join(root, 'notebooks/look.ipynb'), notebook)
  writeFileSync(join(root, 'flows/look.yaml'), 'flow: look\nsteps:\n  look: { uses: notebook/look }\n')
  const { run } = await started.service.queue.request(runRequest('look'))
  expect((await whenRun(started, run)).problem).toBeNull()
  const record = JSON.parse(readFileSync(join(root, `.polku/runs/${run.id}/run.json`), 'utf8'))
  const [, copy = ''] = /as it ran: (\S+\.ipynb)/.exec(JSON.stringify(record.steps[0].findings)) ?? []
  const executed = JSON.parse(readFileSync(join(root, copy), 'utf8'))
  const outputs = JSON.stringify(executed.cells.at(-1).outputs)
  expect(outputs).toContain('Access to this API has been restricted')
})
