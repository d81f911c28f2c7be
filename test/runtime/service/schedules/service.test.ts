import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunRow } from '../../../../runtime/service/queue/run.ts'
import { isEnded } from '../../../../runtime/service/queue/run.ts'
import { lightFlow } from '../../../fixtures/light-client.ts'
import { type TestService, testService } from '../../../fixtures/service.ts'

// The whole service with a clock that is moved: files are seen, flows checked and runs done as they are when nobody looks.

const clock = { at: Date.parse('2026-06-01T00:00Z') }
let at: TestService
beforeAll(async () => {
  at = await testService(['first'], { now: () => clock.at })
})
afterAll(() => at.end())

const write = (head: string, last = 'enrich/light'): void => {
  const file = join(at.folder, 'first', 'flows', 'daily.yaml')
  writeFileSync(`${file}.new`, lightFlow('daily', 1, last, head))
  renameSync(`${file}.new`, file)
}
const schedule = 'schedule: { cron: "0 6 * * *", timezone: Europe/Helsinki }\n'

/** What `look` gives once it gives something; it looks whenever something is emitted. */
async function once<T>(look: () => Promise<T | undefined>): Promise<T> {
  const match = Promise.withResolvers<T>()
  const again = () =>
    void look().then((value) => (value === undefined ? undefined : match.resolve(value)), match.reject)
  const end = await at.service.database.listen('polku_event', again)
  again()
  try {
    return await match.promise
  } finally {
    await end()
  }
}

const emitted = (event: string): Promise<true> =>
  once(async () => {
    const [row] = await at.service.database.query('select 1 from polku.event where event = $1', [event])
    return row ? true : undefined
  })

const endedRun = (asOf: string): Promise<RunRow> =>
  once(async () => {
    const [run] = await at.service.database.query<RunRow>(
      `select * from polku.run where flow = 'daily' and as_of = $1`,
      [asOf],
    )
    return run && isEnded(run.state) ? run : undefined
  })

test('a flow is seen, run at its time, and goes on as it last checked when its file is broken', async () => {
  write(schedule)
  await emitted('flow changed')
  clock.at = Date.parse('2026-06-01T03:00Z')
  expect(await endedRun('2026-06-01')).toMatchObject({ state: 'done', trigger: { kind: 'schedule' } })
  write(schedule, 'enrich/lihgt')
  await emitted('flow broken')
  clock.at = Date.parse('2026-06-02T03:00Z')
  const run = await endedRun('2026-06-02')
  expect(run.problem).toBeNull()
  expect(run.state).toBe('done')
  const [state] = await at.service.schedules.list('first')
  expect(state?.broken).toMatchObject([{ code: 'NODE_UNKNOWN', file: expect.stringMatching(/flows\/daily\.yaml$/) }])
  expect(readdirSync(join(at.folder, 'first', '.polku', 'flows'))).toEqual([`daily-${state?.version}.yaml`])
  rmSync(join(at.folder, 'first', 'flows', 'daily.yaml'))
  await emitted('flow mended')
})
