// Slow: runs again on PostgreSQL.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verifyAudit } from '../../../../runtime/server/access/audit-log.ts'
import { type TestApp, testApp } from '../../../fixtures/app.ts'
import { databases, type TestDatabase } from '../../../fixtures/databases.ts'

describe.each(databases)('on $name', ({ open }) => {
  let database: TestDatabase
  let clock = Date.parse('2026-03-02T08:00:00Z')
  let server: TestApp
  beforeAll(async () => {
    database = await open()
    server = await testApp(['first', 'second'], { ...(await database.options()), now: () => clock })
  })
  afterAll(async () => {
    await server.end()
    await database.end()
  })

  const later = (milliseconds: number) => new Date(clock + milliseconds).toISOString()
  const day = 86_400_000

  const signedIn = async (token: string) => (await server.ask('GET', '/api/me', { token })).status

  describe('tokens', () => {
    test('are told once, kept as a hash, and say when they were used last', async () => {
      const { id, token } = await server.person('analyst')
      const before = await server.ask('GET', `/api/people/${id}/tokens`)
      expect(before.body.items[0]).toMatchObject({ name: 'test', role: 'analyst', usedAt: null, revokedAt: null })
      expect(await signedIn(token)).toBe(200)
      const list = await server.ask('GET', `/api/people/${id}/tokens`)
      expect(list.body.items[0].usedAt).toBe(new Date(clock).toISOString())
      expect(list.text).not.toContain(token)
      const rows = await server.service.database.query('select * from polku.token')
      expect(JSON.stringify(rows)).not.toContain(token)
    })

    test('that are wrong, expired, revoked or of a disabled person answer alike', async () => {
      const make = async () => server.person('analyst')
      const [expired, revoked, disabled] = [await make(), await make(), await make()]
      for (const { token } of [expired, revoked, disabled]) expect(await signedIn(token)).toBe(200)
      const [own] = (await server.ask('GET', `/api/people/${revoked.id}/tokens`)).body.items
      const gone = await server.ask('DELETE', `/api/people/${revoked.id}/tokens/${own.id}`)
      expect(gone.body.revokedAt).not.toBeNull()
      await server.ask('PATCH', `/api/people/${disabled.id}`, { body: { disabled: true } })
      const wrong = `polku_${'A'.repeat(43)}`
      const answers = []
      for (const token of [revoked.token, disabled.token, wrong, 'x'])
        answers.push(await server.ask('GET', '/api/me', { token }))
      clock += 2 * day
      answers.push(await server.ask('GET', '/api/me', { token: expired.token }))
      expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
      expect(answers[0]?.status).toBe(401)
    })

    test('hold for their clients, their role and no longer than a year', async () => {
      const { id } = await server.person('operator', ['first'])
      const ask = (body: object) => server.ask('POST', `/api/people/${id}/tokens`, { body: { name: 'x', ...body } })
      expect((await ask({ expiresAt: later(400 * day) })).body.code).toBe('TOKEN_END')
      expect((await ask({ expiresAt: later(-1) })).body.code).toBe('TOKEN_END')
      expect((await ask({ expiresAt: 'tomorrow' })).body.code).toBe('TOKEN_END')
      expect((await ask({ expiresAt: later(day), role: 'administrator' })).body.code).toBe('TOKEN_ROLE')
      expect((await ask({ expiresAt: later(day), clients: ['nowhere'] })).body.code).toBe('CLIENT_UNKNOWN')
      const wide = await ask({ expiresAt: later(day), clients: ['first', 'second'] })
      const { body } = await server.ask('GET', '/api/me', { token: wide.body.token })
      expect(body).toMatchObject({ role: 'operator', clients: ['first'] })
    })

    test('end with the role they were made for', async () => {
      const { id, token } = await server.person('operator')
      await server.ask('PATCH', `/api/people/${id}`, { body: { role: 'analyst' } })
      expect(await signedIn(token)).toBe(401)
    })
  })

  describe('people', () => {
    test('are managed by administrators of all clients only', async () => {
      for (const role of ['analyst', 'operator', 'reviewer'] as const) {
        const { token } = await server.person(role)
        expect((await server.ask('GET', '/api/people', { token })).body.code).toBe('NOT_ALLOWED')
      }
      const { token } = await server.person('administrator', ['first'])
      for (const [method, url, body] of [
        ['GET', '/api/people', undefined],
        ['POST', '/api/people', { name: 'Uusi', role: 'administrator', clients: null }],
        ['GET', '/api/audit/check', undefined],
      ] as const)
        expect((await server.ask(method, url, { token, body })).body.code).toBe('ADMINISTRATOR_LIMITED')
    })

    test('raise no rights of their own, and one administrator of all clients stays', async () => {
      const me = (await server.ask('GET', '/api/me')).body
      const own = await server.ask('PATCH', `/api/people/${me.id}`, { body: { disabled: true } })
      expect(own.body.code).toBe('OWN_RIGHTS')
      const other = await server.person('administrator')
      const patch = (body: object, token?: string) => server.ask('PATCH', `/api/people/${me.id}`, { body, token })
      expect((await patch({ disabled: true }, other.token)).status).toBe(200)
      expect(await signedIn(server.token)).toBe(401)
      const last = await server.ask('PATCH', `/api/people/${other.id}`, { token: other.token, body: { clients: [] } })
      expect(last.body.code).toBe('OWN_RIGHTS')
      const third = await server.ask('POST', '/api/people', {
        token: other.token,
        body: { name: 'Kolmas', role: 'administrator', clients: ['first'] },
      })
      const rise = await server.ask('PATCH', `/api/people/${third.body.id}`, {
        token: other.token,
        body: { role: 'administrator', clients: null },
      })
      expect(rise.status).toBe(200)
      expect((await patch({ disabled: false }, other.token)).status).toBe(200)
      // A wrong token is known to be wrong for half a minute.
      clock += 31_000
      expect(await signedIn(server.token)).toBe(200)
      for (const id of [other.id, third.body.id])
        expect((await server.ask('PATCH', `/api/people/${id}`, { body: { disabled: true } })).status).toBe(200)
      await expect(
        server.service.database.transaction(async (queries) => {
          const { updatePerson } = await import('../../../../runtime/server/access/people.ts')
          return updatePerson(queries, me.id, { role: 'analyst' })
        }),
      ).rejects.toMatchObject({ code: 'LAST_ADMINISTRATOR' })
    })

    test('and tokens that are not there are said to be unknown', async () => {
      const { id } = await server.person('analyst')
      const nobody = '00000000-0000-4000-8000-000000000000'
      const person = await server.ask('GET', `/api/people/${nobody}/tokens`)
      expect(person).toMatchObject({ status: 404, body: { code: 'PERSON_UNKNOWN' } })
      const token = await server.ask('DELETE', `/api/people/${id}/tokens/${nobody}`)
      expect(token).toMatchObject({ status: 404, body: { code: 'TOKEN_UNKNOWN' } })
    })

    test('have addresses of their own, whatever their letters’ case', async () => {
      const body = { name: 'Maija', email: 'maija@example.invalid', role: 'analyst', clients: null }
      expect((await server.ask('POST', '/api/people', { body })).status).toBe(201)
      const again = await server.ask('POST', '/api/people', { body: { ...body, email: 'MAIJA@example.invalid' } })
      expect(again).toMatchObject({ status: 409, body: { code: 'EMAIL_TAKEN' } })
    })

    test('are listed page by page', async () => {
      const names: string[] = []
      let next: string | null = ''
      do {
        const page = await server.ask('GET', `/api/people?limit=3${next ? `&cursor=${next}` : ''}`)
        names.push(...page.body.items.map(({ id }: { id: string }) => id))
        next = page.body.next
      } while (next)
      const all = await server.ask('GET', '/api/people?limit=200')
      expect(names).toEqual(all.body.items.map(({ id }: { id: string }) => id))
      expect(names.length).toBeGreaterThan(6)
    })
  })

  describe('the audit log', () => {
    test('tells every change with who, when, where and what, in the transaction of the change', async () => {
      const created = await server.ask('POST', '/api/people', {
        body: { name: 'Aapo', role: 'analyst', clients: ['first'] },
        remoteAddress: '192.0.2.7',
      })
      const [row] = (await server.ask('GET', '/api/audit?action=create%20person&limit=1')).body.items
      expect(row).toMatchObject({
        personName: 'administrator',
        action: 'create person',
        address: '192.0.2.7',
        at: new Date(clock).toISOString(),
        target: { person: created.body.id, name: 'Aapo', role: 'analyst', clients: ['first'] },
      })
      const before = await verifyAudit(server.service.database)
      await server.ask('POST', '/api/people', {
        body: { name: 'x', email: 'maija@example.invalid', role: 'analyst', clients: null },
      })
      expect((await verifyAudit(server.service.database)).rows).toBe(before.rows)
    })

    test('tells what was refused after it had been told', async () => {
      const refused = await server.ask('POST', '/api/clients/first/runs', { body: { flow: 'nowhere' } })
      expect(refused.status).toBeGreaterThanOrEqual(400)
      const { items } = (await server.ask('GET', '/api/audit?client=first&limit=2')).body
      expect(items.map(({ target }: { target: { refused?: string } }) => target.refused)).toEqual([
        'FLOW_NOT_FOUND',
        undefined,
      ])
    })

    test('is seen by operators for their clients only', async () => {
      await server.ask('POST', '/api/clients/second/runs', { body: { flow: 'nowhere' } })
      const { token } = await server.person('operator', ['first'])
      const { items } = (await server.ask('GET', '/api/audit?limit=200', { token })).body
      expect(new Set(items.map(({ client }: { client: string }) => client))).toEqual(new Set(['first']))
      expect((await server.ask('GET', '/api/audit?client=second', { token })).body.items).toEqual([])
    })

    test('follows one row by the next, however many write at once', async () => {
      const before = await verifyAudit(server.service.database)
      const body = (index: number) => ({ name: `Joukko ${index}`, role: 'analyst', clients: null })
      const answers = Array.from({ length: 20 }, (_, index) => server.ask('POST', '/api/people', { body: body(index) }))
      for (const { status } of await Promise.all(answers)) expect(status).toBe(201)
      expect(await verifyAudit(server.service.database)).toMatchObject({ rows: before.rows + 20, broken: undefined })
    })

    test('is not changed or emptied by any statement, and a change around that shows', async () => {
      const { database } = server.service
      for (const statement of [
        `update polku.audit set action = 'nothing' where number = 1`,
        'delete from polku.audit',
        'truncate polku.audit',
      ])
        await expect(database.query(statement)).rejects.toThrow('only ever added to')
      const whole = await verifyAudit(database)
      expect(whole.broken).toBeUndefined()
      const check = await server.ask('GET', '/api/audit/check')
      expect(check.body).toEqual({ rows: whole.rows, head: whole.head, broken: null })
      // Whoever owns the database can take the lock off.
      await database.query('alter table polku.audit disable trigger all')
      await database.query(`update polku.audit set person_name = 'somebody else' where number = 3`)
      expect((await verifyAudit(database)).broken).toEqual({ number: 3, reason: 'it is not what was written' })
      await database.query('delete from polku.audit where number = 2')
      expect((await verifyAudit(database)).broken).toEqual({ number: 2, reason: 'row 2 is missing' })
    })
  })
})
