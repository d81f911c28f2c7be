import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lightFlow, writeLightClient } from '../../runtime/queue/light-client.ts'

/** The client `light` with flows of light steps: two, forty, and one that runs two for each of a hundred items. */
export function writeWorkspace(folder: string): void {
  const root = writeLightClient(folder, 'light')
  const items = Array.from({ length: 100 }, (_, index) => index).join(', ')
  writeFileSync(join(root, 'flows', 'forty.yaml'), lightFlow('forty', 39))
  writeFileSync(
    join(root, 'flows', 'each.yaml'),
    `flow: each
params:
  add: { type: number, default: 0 }
steps:
  each: { uses: flow/two, for_each: [${items}], with: { add: "\${item}\${params.add}" } }
`,
  )
}
