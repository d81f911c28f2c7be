import { appendFileSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serviceLog } from '../../../../runtime/service/log.ts'
import { type TestApp, testApp } from '../../../fixtures/app.ts'
import { runRequest, whenRun } from '../../../fixtures/service.ts'

const lines: string[] = []
let onLine = () => {}
const log = serviceLog('info', {
  write(line: string) {
    lines.push(line)
    onLine()
  },
})
/** The log as a program reads it: each line one JSON object, or this throws. */
const logged = (): Record<string, unknown>[] => lines.map((line) => JSON.parse(line))

const printedLines = () => logged().filter(({ msg }) => msg === 'the process of a run printed')

/** What a process prints comes by another way than that its run has ended. */
const whenPrinted = (count: number): Promise<void> =>
  new Promise((resolve) => {
    onLine = () => {
      if (printedLines().length >= count) resolve()
    }
    onLine()
  })

const talking = `import { defineNode, input, Type } from 'polku/node'
import { sql } from 'polku/sql'
export default defineNode({
  title: 'Talking', summary: 'Says something.', inputs: { rows: input('Rows') },
  params: Type.Object({}, { additionalProperties: false }), outputs: { rows: 'The same rows' },
  plan: ({ rows }) => sql\`from \${rows}\`,
  run: ({ rows }) => {
    console.log('said aloud\\nin two lines')
    console.error('a complaint: \\x1b[31mred\\x1b[0m "quoted"')
    console.log('x'.repeat(10_000))
    process.stdout.write('without an end')
    return sql\`from \${rows}\`
  },
})
`

let server: TestApp
beforeAll(async () => {
  server = await testApp(['first', 'second'], { slots: 1, log, logger: log, metricsToken: 'only-metrics-token' })
  const root = join(server.folder, 'first')
  mkdirSync(join(root, 'nodes', 'enrich', 'talking'), { recursive: true })
  writeFileSync(join(root, 'nodes', 'enrich', 'talking', 'talking.ts'), talking)
  const steps =
    'steps:\n  s0: { uses: import/csv, with: { path: data/n.csv } }\n  s1: { uses: enrich/talking, from: s0 }\n'
  writeFileSync(join(root, 'flows', 'talking.yaml'), `flow: talking\n${steps}`)
})
afterAll(() => server.end())

const run = async (flow: string, more = {}) => {
  const { run: asking } = await server.service.queue.request(runRequest(flow, more))
  return whenRun(server, asking)
}

describe('the log', () => {
  test('has what the process of a run prints as lines of its run and step, never as raw text', async () => {
    const { id, state } = await run('talking')
    expect(state).toBe('done')
    await whenPrinted(4)
    const printed = printedLines()
    expect(printed.every((line) => line.client === 'first' && line.run === id && line.step === 's1')).toBe(true)
    expect(printed.map(({ stream, text }) => [stream, String(text).slice(0, 30)])).toEqual(
      expect.arrayContaining([
        ['stdout', 'said aloud'],
        ['stdout', 'in two lines'],
        ['stderr', 'a complaint: red "quoted"'],
        ['stdout', 'x'.repeat(30)],
      ]),
    )
    expect(Math.max(...printed.map(({ text }) => String(text).length))).toBeLessThan(4100)
  })

  test('tells of each step with its client and run', async () => {
    const { id } = await run('two')
    const steps = logged().filter((line) => line.run === id && line.msg === 'step done')
    expect(steps).toMatchObject([
      { client: 'first', step: 's0', uses: 'import/csv', rows: 3 },
      { client: 'first', step: 's1', uses: 'enrich/light', rows: 3 },
    ])
    expect(steps[0]?.time).toMatch(/^\d{4}-\d\d-\d\dT/)
    expect(steps[0]?.level).toBe('info')
  })

  test('holds no token, no secret, no body, no query and no header of a request', async () => {
    const body = { flow: 'two', params: { add: 'Matti Meikäläinen' }, idempotencyKey: 'body-text' }
    await server.ask('POST', '/api/clients/first/runs', { body })
    await server.ask('GET', '/api/audit?action=query-text&unknown=matti@koti.test')
    await server.ask('GET', '/api/nowhere?query-text', { token: 'polku_wrong-token' })
    await server.ask('PUT', '/api/clients/first/secrets/MAIL', { body: { value: 'erittain-salainen' } })
    await server.ask('GET', '/metrics', { token: 'only-metrics-token', headers: { cookie: 'header-text' } })
    const text = lines.join('')
    for (const hidden of ['Meikäläinen', 'body-text', 'query-text', 'matti@', 'erittain', 'header-text', 'wrong-token'])
      expect(text).not.toContain(hidden)
    expect(text).not.toContain(server.token)
    expect(text).not.toContain('only-metrics-token')
    expect(text).toContain('/api/clients/:client/runs')
  })

  test('tells an error without what libraries hang on it', () => {
    const error = Object.assign(new Error('it went wrong'), {
      code: '23505',
      params: ['matti@koti.test'],
      detail: 'row',
    })
    log.warn({ error, client: 'first' }, 'something')
    const last = logged().at(-1)
    expect(last).toMatchObject({ client: 'first', error: { type: 'Error', code: '23505', message: 'it went wrong' } })
    expect(JSON.stringify(last)).not.toContain('matti')
    expect(Object.keys(Object(last?.error))).not.toContain('detail')
  })
})

describe('health', () => {
  const ask = (path: string) => server.ask('GET', path, { token: '' })

  test('is told to anybody, and only what it is', async () => {
    expect((await ask('/health/live')).body).toEqual({ status: 'live' })
    const ready = await ask('/health/ready')
    expect([ready.status, ready.body]).toEqual([
      200,
      { status: 'ready', checks: { database: 'ok', queue: 'ok', disk: 'ok', workspaces: 'ok' } },
    ])
  })
})

describe('metrics', () => {
  test('are for an administrator of all clients or for the token of their own, which opens nothing else', async () => {
    const status = async (token: string) => (await server.ask('GET', '/metrics', { token })).status
    expect(await status('')).toBe(401)
    expect(await status('polku_wrong')).toBe(401)
    expect(await status((await server.person('operator')).token)).toBe(403)
    expect(await status((await server.person('administrator', ['first'])).token)).toBe(403)
    expect(await status(server.token)).toBe(200)
    expect(await status('only-metrics-token')).toBe(200)
    expect((await server.ask('GET', '/api/clients', { token: 'only-metrics-token' })).status).toBe(401)
  })

  test('count what workers did, how long it took, and what is wrong', async () => {
    const read = async () => (await server.ask('GET', '/metrics', { token: 'only-metrics-token' })).text
    await read()
    await run('two', { params: { add: 7 } })
    await run('tow')
    // Events count once they are five seconds old: these become so.
    await server.service.database.query(`update polku.event set at = at - interval '1 minute'`)
    const text = await read()
    expect(text).toMatch(/^polku_runs_ended_total\{client="first",state="done"\} \d+$/m)
    expect(text).toMatch(/^polku_runs_ended_total\{client="first",state="failed"\} 1$/m)
    expect(text).toMatch(/^polku_steps_total\{node="enrich\/light",outcome="done",cached="no"\} \d+$/m)
    expect(text).toMatch(/^polku_step_seconds_count\{node="enrich\/light"\} [1-9]/m)
    expect(text).toMatch(/^polku_client_rows_total\{client="first"\} [1-9]/m)
    expect(text).toMatch(/^polku_queue_depth\{state="queued"\} 0$/m)
    expect(text).toMatch(/^polku_incidents_open\{kind="run failed"\} 1$/m)
    expect(text).toMatch(/^polku_http_seconds_count\{method="GET",route="\/metrics",status="2xx"\} \d+$/m)
    expect(text).toMatch(/^process_resident_memory_bytes \d+$/m)
    expect(text).not.toContain('nowhere')
    const again = await read()
    const steps = /polku_steps_total\{node="enrich\/light",outcome="done",cached="no"\} \d+/
    expect(steps.exec(again)?.[0]).toBe(steps.exec(text)?.[0])
  })
})

describe('usage and incidents', () => {
  test('are told of the clients that somebody may see', async () => {
    const month = new Date().toISOString().slice(0, 7)
    const [used] = (await server.ask('GET', '/api/usage')).body.items
    expect(used).toMatchObject({ client: 'first', month, failed: 1 })
    expect(used.runs).toBeGreaterThan(3)
    expect(used.cpuSeconds).toBeGreaterThan(0)
    expect(used.rows).toBeGreaterThan(5)
    const incidents = await server.ask('GET', '/api/incidents?open=true')
    expect(incidents.body.items).toMatchObject([
      { client: 'first', kind: 'run failed', flow: 'tow', code: 'FLOW_NOT_FOUND' },
    ])
    const { token } = await server.person('operator', ['second'])
    expect((await server.ask('GET', '/api/usage', { token })).body.items).toEqual([])
    expect((await server.ask('GET', '/api/incidents', { token })).body.items).toEqual([])
    expect((await server.ask('GET', '/api/incidents?client=first', { token })).body.code).toBe('CLIENT_UNKNOWN')
    expect((await server.ask('GET', '/api/usage?from=2026-13')).status).toBe(422)
  })
})

test('readiness ends where the workspaces are gone', async () => {
  const away = `${server.folder}-away`
  appendFileSync(join(server.folder, 'first', 'client.yaml'), '\n')
  renameSync(server.folder, away)
  try {
    // An answer is good for a second.
    const late = await testReady(server)
    expect(late).toMatchObject({
      status: 503,
      body: { status: 'not ready', checks: { workspaces: 'the folder cannot be read' } },
    })
    expect(late.text).not.toContain(server.folder)
  } finally {
    renameSync(away, server.folder)
  }
})

/** The first answer that is not the kept one. */
async function testReady({ ask }: TestApp) {
  for (;;) {
    const answer = await ask('GET', '/health/ready', { token: '' })
    if (answer.status !== 200) return answer
  }
}
