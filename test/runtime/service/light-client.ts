import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

// An invented client whose steps take next to no time, so that what is tried is the service.

const node = (run: string): string => `import { defineNode, input, Type } from 'polku/node'
import { sql } from 'polku/sql'
export default defineNode({
  title: 'Light',
  summary: 'Adds a number.',
  inputs: { rows: input('Rows') },
  params: Type.Object(
    { add: Type.Number({ default: 1, description: 'What is added' }) },
    { additionalProperties: false },
  ),
  outputs: { rows: 'The same rows' },
  plan: ({ rows }, { add }) => sql\`select n + \${add} as n from \${rows}\`,
  run: ${run},
})
`

const light = '({ rows }, { add }) => sql`select n + ${add} as n from ${rows}`'
/** Ends its process at the first attempts, as a native crash would; a file counts them. */
const crashing = (times: number) => `async ({ rows }, { add }) => {
    const { appendFileSync, readFileSync } = await import('node:fs')
    const file = new URL('../../../data/crashes', import.meta.url)
    appendFileSync(file, 'x')
    if (readFileSync(file, 'utf8').length <= ${times}) process.kill(process.pid, 'SIGKILL')
    return sql\`select n + \${add} as n from \${rows}\`
  }`
const hungry = `async ({ rows }) => {
    const kept = []
    for (;;) {
      kept.push(Buffer.alloc(50_000_000, 1))
      await new Promise((resolve) => setImmediate(resolve))
    }
  }`
const endless = `async ({ rows }, params, { signal }) => {
    await new Promise((resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  }`

const deaf = `() => {
    for (;;);
  }`

/** A flow of `steps` light steps after its import; `last` names another node for the last one. */
export const lightFlow = (name: string, steps: number, last = 'enrich/light', head = ''): string => {
  const lines = Array.from({ length: steps }, (_, index) => {
    const uses = index === steps - 1 ? last : 'enrich/light'
    return `  s${index + 1}: { uses: ${uses}, from: s${index}, with: { add: "\${params.add}" } }`
  })
  return `flow: ${name}
${head}params:
  add: { type: number, default: 1, description: What is added }
steps:
  s0: { uses: import/csv, with: { path: data/n.csv } }
${lines.join('\n')}
`
}

/** Writes the workspace of a client called `name` below `folder`, and gives its own folder. */
export function writeLightClient(folder: string, name: string): string {
  const root = join(folder, name)
  const files = {
    'client.yaml': `client: ${name}\ntitle: ${name} (invented)\n`,
    'data/n.csv': 'n\n1\n2\n3\n',
    'nodes/enrich/light/light.ts': node(light),
    'nodes/enrich/crash-once/crash-once.ts': node(crashing(1)),
    'nodes/enrich/crash-always/crash-always.ts': node(crashing(1000)),
    'nodes/enrich/hungry/hungry.ts': node(hungry),
    'nodes/enrich/endless/endless.ts': node(endless),
    'nodes/enrich/deaf/deaf.ts': node(deaf),
    'flows/two.yaml': lightFlow('two', 1),
    'flows/crash-once.yaml': lightFlow('crash-once', 2, 'enrich/crash-once'),
    'flows/crash-always.yaml': lightFlow('crash-always', 2, 'enrich/crash-always'),
    'flows/hungry.yaml': lightFlow('hungry', 1, 'enrich/hungry'),
    'flows/deaf.yaml': lightFlow('deaf', 1, 'enrich/deaf', 'timeout: 1\n'),
    'flows/endless.yaml': lightFlow('endless', 1, 'enrich/endless'),
  }
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  return root
}
