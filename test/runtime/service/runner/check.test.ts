import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Workspace } from '../../../../runtime/data/workspace.ts'
import { checkFlows } from '../../../../runtime/service/runner/check.ts'
import { withWorkspace } from '../../../workspace.ts'

test('a node that ends the process in which flows are checked fails its own flow and no other', () =>
  withWorkspace(async (root) => {
    mkdirSync(join(root, 'nodes', 'enrich', 'ending'), { recursive: true })
    writeFileSync(join(root, 'nodes', 'enrich', 'ending', 'ending.ts'), 'process.exit(3)\n')
    const rows = 'rows: { uses: import/csv, with: { path: data/orders.csv } }'
    const flow = (name: string, steps: string) => ({
      ...{ flow: name, asOf: '2026-10-01', givenLater: [] },
      text: `flow: ${name}\nsteps:\n  ${rows}\n${steps}`,
    })
    const [ended, sound] = await checkFlows(
      Workspace.open(root),
      [flow('ended', '  end: { uses: enrich/ending, from: rows }\n'), flow('sound', '')],
      {},
    )
    expect(ended).toMatchObject([{ code: 'CHECK_CRASHED', message: expect.stringContaining('the flow ended ended') }])
    expect(sound).toEqual([])
  }))
