import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { stringify } from 'yaml'
import type { Row } from '../../../nodes/node.ts'
import { Database } from '../../../runtime/data/database.ts'
import { openEngine } from '../../../runtime/notebook/step/provider.ts'
import { silent } from '../../../runtime/run/progress.ts'
import type { RunRecord } from '../../../runtime/run/record.ts'
import { withWorkspace } from '../../workspace.ts'

/** Imports a file and asks one row about its `rows`, given as `t`; and the run. */
export async function imported(
  file: string,
  settings: object,
  question: string,
): Promise<{ row: Row; record: RunRecord }> {
  return withWorkspace(async (root) => {
    mkdirSync(join(root, 'data'), { recursive: true })
    const name = basename(file)
    copyFileSync(file, join(root, 'data', name))
    const flow = { flow: 'total', steps: { t: { uses: 'import/csv', with: { path: `data/${name}`, ...settings } } } }
    writeFileSync(join(root, 'flows', 'total.yaml'), stringify(flow))
    const client = await openEngine(root)
    try {
      const record = await client.run(
        { flow: 'total', params: {}, asOf: '2026-10-01' },
        { progress: silent, signal: new AbortController().signal, now: Date.now },
      )
      const [output] = record.steps[0]?.outputs ?? []
      if (!output) return { row: {}, record }
      const database = await Database.open({ folder: root, temporary: join(root, '.polku', 'tmp', 'asking') })
      try {
        await database.viewParquet('t', join(root, output.path))
        const [row = {}] = await database.rows({ strings: [question], values: [] })
        return { row, record }
      } finally {
        database.close()
      }
    } finally {
      await client.close()
    }
  })
}
