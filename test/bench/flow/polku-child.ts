import { Client } from '../../../runtime/main.ts'
import { silent } from '../../../runtime/run/progress.ts'
import { asOf } from './data.ts'

// One run of a flow in a process of its own: `polku run FLOW --json`, with the process's peak memory.
const [, , root = '', flow = ''] = process.argv
const client = await Client.open(root)
const record = await client.run(
  { flow, params: {}, asOf },
  { progress: silent, signal: new AbortController().signal, now: Date.now },
)
await client.close()
if (record.status !== 'done') throw new Error(`${record.problem?.code}: ${record.problem?.message}`)
const steps = Object.fromEntries(record.steps.map((step) => [step.name, step.milliseconds]))
const rows = Object.fromEntries(record.steps.map((step) => [step.name, step.outputs[0]?.rows]))
// resourceUsage counts kilobytes.
process.stdout.write(JSON.stringify({ steps, rows, megabytes: process.resourceUsage().maxRSS / 1024 }))
