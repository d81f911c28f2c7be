import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dateAt } from '../../../../runtime/data/zone.ts'
import { open } from '../../../../runtime/notebook/api/open.ts'
import { withWorkspace } from '../../../workspace.ts'

test('a notebook is as of today where the client is, whatever day it is elsewhere', async () => {
  const dates: string[] = []
  // So far apart that it is never the same day in both.
  for (const timezone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago'])
    await withWorkspace(async (root) => {
      writeFileSync(join(root, 'client.yaml'), `client: shop\ntitle: Shop\ntimezone: ${timezone}\n`)
      const before = dateAt(timezone, Date.now())
      const client = await open(root)
      expect([before, dateAt(timezone, Date.now())]).toContain(client.asOf)
      dates.push(client.asOf)
      await client.close()
    })
  expect(dates[0]).not.toBe(dates[1])
})
