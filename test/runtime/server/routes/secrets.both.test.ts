// Slow: runs again on PostgreSQL.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../../../fixtures/app.ts'
import { databases, type TestDatabase } from '../../../fixtures/databases.ts'
import { runRequest, whenRun } from '../../../fixtures/service.ts'

/** With a quote, a line's end and signs that addresses and JSON write otherwise. */
const value = 'pääsy"sana\' & 7/24\nsecond line of the key'
const other = 'another value of it'

const spill = `import { defineNode, input, Type } from 'polku/node'
import { sql } from 'polku/sql'
export default defineNode({
  title: 'Spill',
  summary: 'Tells what it is given.',
  inputs: { rows: input('Rows') },
  params: Type.Object(
    {
      key: Type.String({ minLength: 20, description: 'A key' }),
      fail: Type.Boolean({ default: false, description: 'Whether it fails' }),
    },
    { additionalProperties: false },
  ),
  outputs: { rows: 'The same rows' },
  plan: ({ rows }) => sql\`select n from \${rows}\`,
  run: ({ rows }, { key, fail }, context) => {
    console.log('the key is', key)
    context.note('the key is ' + key)
    context.warn(encodeURIComponent(key))
    context.table({ title: key, columns: ['key'], rows: [[key], [Buffer.from(key).toString('base64')]] })
    context.metric({ name: 'length', label: JSON.stringify({ key }), value: key.length })
    if (fail) throw new Error('cannot reach postgres://polku:' + key + '@db.example.invalid')
    return sql\`select n from \${rows}\`
  },
})
`

const flow = (name: string, settings: string, more = '') => `flow: ${name}
params:
  given: { type: text, default: nothing }
steps:
  s0: { uses: import/csv, with: { path: data/n.csv } }
  s1: { uses: enrich/spill, from: s0, with: { ${settings} }${more} }
`

describe.each(databases)('on $name', ({ open }) => {
  let database: TestDatabase
  let server: TestApp
  let root: string
  beforeAll(async () => {
    database = await open()
    server = await testApp(['first', 'second'], { ...(await database.options()), slots: 1 })
    root = join(server.folder, 'first')
    mkdirSync(join(root, 'nodes/enrich/spill'), { recursive: true })
    writeFileSync(join(root, 'nodes/enrich/spill/spill.ts'), spill)
    for (const [name, text] of Object.entries({
      good: flow('good', 'key: "${secret.API_KEY}"'),
      bad: flow('bad', 'key: "Bearer ${ secret.API_KEY }", fail: true'),
      unknown: flow('unknown', 'key: "${secret.API_KEI}"'),
      short: flow('short', 'key: "${secret.SHORT}"'),
      given: flow('given', 'key: "something long: ${params.given}"'),
      path: 'flow: path\nsteps:\n  s0: { uses: import/csv, with: { path: "data/${secret.API_KEY}.csv" } }\n',
      stop: flow('stop', 'key: "${secret.API_KEY}"', ', stop: "length < ${secret.API_KEY}"'),
    }))
      writeFileSync(join(root, 'flows', `${name}.yaml`), text)
  })
  afterAll(async () => {
    await server.end()
    await database.end()
  })

  const put = (name: string, text: string, token?: string, client = 'first') =>
    server.ask('PUT', `/api/clients/${client}/secrets/${name}`, { body: { value: text }, token })

  const run = async (name: string, params = {}) => {
    const { run: row } = await server.service.queue.request(runRequest(name, { params }))
    return whenRun(server, row)
  }

  /** Every text of a value that may be looked for. */
  const forms = (text: string) => [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text),
    Buffer.from(text).toString('base64').slice(0, -4),
    ...text.split('\n'),
  ]

  /** Files below a folder that hold one of the texts. */
  function leaks(folder: string, texts: readonly string[]): string[] {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => {
        const bytes = readFileSync(file)
        return texts.some((text) => bytes.includes(text))
      })
  }

  describe('a secret', () => {
    test('is put in and removed by operators of its client, and never shown', async () => {
      const { token } = await server.person('operator', ['first'])
      const stored = await put('API_KEY', value, token)
      expect(stored).toMatchObject({
        status: 200,
        body: { name: 'API_KEY', changedBy: expect.stringMatching(/^operator/) },
      })
      expect((await put('API_KEY', value, token, 'second')).status).toBe(404)
      expect((await server.ask('PUT', '/api/clients/first/secrets/API_KEY', { body: { value: 'short' } })).status).toBe(
        422,
      )
      await put('SHORT', '8 signs!')
      await put('UNUSED', other)
      const list = await server.ask('GET', '/api/clients/first/secrets', { token })
      expect(list.body.items.map(({ name }: { name: string }) => name)).toEqual(['API_KEY', 'SHORT', 'UNUSED'])
      expect((await server.ask('GET', '/api/clients/second/secrets')).body.items).toEqual([])
      expect((await server.ask('DELETE', '/api/clients/first/secrets/UNUSED', { token })).status).toBe(204)
      expect((await server.ask('DELETE', '/api/clients/first/secrets/UNUSED')).body.code).toBe('SECRET_NOT_THERE')
      const analyst = await server.person('analyst')
      expect((await server.ask('GET', '/api/clients/first/secrets', { token: analyst.token })).status).toBe(403)
      const { items } = (await server.ask('GET', '/api/audit?client=first&limit=200')).body
      expect(
        items.map(({ action, target }: { action: string; target: { name: string } }) => [action, target.name]),
      ).toContainEqual(['put secret', 'API_KEY'])
      expect(JSON.stringify(items)).not.toContain('second line')
    })

    test('is encrypted in the database, with a key that only the service’s user reads', async () => {
      const rows = await server.service.database.query<{ sealed: Uint8Array }>('select * from polku.secret')
      for (const { sealed } of rows)
        for (const form of forms(value)) expect(Buffer.from(sealed).includes(form)).toBe(false)
      const key = join(server.folder, '.polku/secret.key')
      expect(statSync(key).mode & 0o777).toBe(0o600)
      // A row that is copied to another client or name opens nothing.
      await server.service.database.query(
        `insert into polku.secret select 'second', name, key_id, sealed, changed_at, changed_by from polku.secret where name = 'API_KEY'`,
      )
      await expect(server.service.secrets.open('second')).rejects.toMatchObject({ code: 'SECRET_KEY_WRONG' })
      await server.service.database.query(`delete from polku.secret where client = 'second'`)
    })

    test('reaches the node of a run, and no file, answer or event tells it', async () => {
      const done = await run('good')
      expect(done).toMatchObject({ state: 'done', problem: null })
      const failed = await run('bad')
      expect(failed.state).toBe('failed')
      expect(failed.problem?.message).toContain('postgres://polku:Bearer ${secret.API_KEY}@db.example.invalid')
      const record = JSON.parse(readFileSync(join(root, `.polku/runs/${done.id}/run.json`), 'utf8'))
      const [, step] = record.steps
      expect(step.settings.key).toBe('${secret.API_KEY}')
      // It was told all, in as many ways: the places are there, and the value is not.
      expect(JSON.stringify(step.findings).match(/\$\{secret\.API_KEY\}/g)?.length).toBe(6)
      expect(step.findings).toContainEqual(expect.objectContaining({ name: 'length', value: value.length }))
      expect(leaks(root, forms(value))).toEqual([])
      const events = await server.service.database.query('select * from polku.event')
      const runs = await server.service.database.query('select * from polku.run')
      const texts = [JSON.stringify(events), JSON.stringify(runs)]
      for (const { id } of [done, failed]) texts.push((await server.ask('GET', `/api/clients/first/runs/${id}`)).text)
      for (const text of texts) for (const form of forms(value)) expect(text).not.toContain(form)
    })

    test('that is changed has its steps done anew, and one that is not has them kept', async () => {
      const step = async () => {
        const { id } = await run('good')
        const { steps } = JSON.parse(readFileSync(join(root, `.polku/runs/${id}/run.json`), 'utf8'))
        return steps[1] as { cached: boolean; why: string }
      }
      expect(await step()).toMatchObject({ cached: true })
      await put('API_KEY', `${other} and more`)
      expect(await step()).toMatchObject({ cached: false, why: 'done: secret API_KEY changed' })
      await put('API_KEY', value)
      expect(await step()).toMatchObject({ cached: true })
      expect(leaks(root, [...forms(value), other])).toEqual([])
    })

    test('that is not there, too short for its setting, or where it would be told, is told with its place', async () => {
      const problem = async (name: string, params = {}) => (await run(name, params)).problem
      expect(await problem('unknown')).toMatchObject({
        code: 'SECRET_UNKNOWN',
        line: 6,
        step: 's1',
        expected: expect.stringContaining('API_KEY'),
      })
      expect(await problem('short')).toMatchObject({ code: 'SETTING_INVALID', actual: '"${secret.SHORT}"' })
      expect(await problem('path')).toMatchObject({ code: 'SECRET_MISPLACED', line: 3 })
      expect(await problem('stop')).toMatchObject({ code: 'SECRET_MISPLACED', line: 6 })
    })

    test('is put nowhere by who starts a run', async () => {
      const { problem } = await run('given', { given: '${secret.API_KEY}' })
      expect(problem).toMatchObject({ code: 'PARAM_INVALID' })
      const refused = await server.ask('POST', '/api/clients/first/runs', {
        body: { flow: 'given', params: { given: 'x ${ secret.API_KEY }' } },
      })
      expect(refused).toMatchObject({ status: 422, body: { code: 'PARAM_INVALID' } })
    })
  })
})
