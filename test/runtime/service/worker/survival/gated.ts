import { existsSync, mkdirSync, watch, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

// A client with a flow whose third step begins, says so, and goes on when it is let: what happens to the service
// meanwhile is what is tried.

const gate = `import { existsSync, watch, writeFileSync } from 'node:fs'
import { defineNode, input, Type } from 'polku/node'
import { sql } from 'polku/sql'
export default defineNode({
  title: 'Gate',
  summary: 'Waits until it is let through.',
  inputs: { rows: input('Rows') },
  params: Type.Object({ gate: Type.String({ description: 'Its name' }) }, { additionalProperties: false }),
  outputs: { rows: 'The same rows' },
  plan: ({ rows }) => sql\`select n from \${rows}\`,
  run: async ({ rows }, { gate }) => {
    // Put together so that the gates do not count as what the node's code reads.
    const data = import.meta.dirname.split('nodes')[0] + 'data/'
    await new Promise((resolve) => {
      const look = () => existsSync(data + gate + '.open') && resolve()
      watch(data, look)
      writeFileSync(data + gate + '.reached', '')
      look()
    })
    return sql\`select n from \${rows}\`
  },
})
`

const flow = `flow: gated
params:
  gate: { type: text, description: The gate's name }
steps:
  s0: { uses: import/csv, with: { path: data/n.csv } }
  s1: { uses: enrich/light, from: s0 }
  s2: { uses: enrich/gate, from: s1, with: { gate: "\${params.gate}" } }
  s3: { uses: enrich/light, from: s2 }
`

/** Gives a light client the flow `gated`. */
export function writeGated(root: string): void {
  mkdirSync(join(root, 'nodes', 'enrich', 'gate'), { recursive: true })
  writeFileSync(join(root, 'nodes', 'enrich', 'gate', 'gate.ts'), gate)
  writeFileSync(join(root, 'flows', 'gated.yaml'), flow)
}

/** Resolves once the step waits at the gate. */
export async function reached(root: string, name: string): Promise<void> {
  const path = join(root, 'data', `${name}.reached`)
  await new Promise<void>((resolve) => {
    const look = () => existsSync(path) && resolve()
    const watcher = watch(dirname(path), (_, file) => file === basename(path) && look())
    watcher.unref()
    look()
  })
}

/** Lets the step go on. */
export const open = (root: string, name: string): void => writeFileSync(join(root, 'data', `${name}.open`), '')
