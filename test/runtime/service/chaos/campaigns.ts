import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunRecord } from '../../../../runtime/run/record.ts'
import type { NewRun } from '../../../../runtime/service/queue/run.ts'
import { runRequest } from '../../../fixtures/service.ts'

// A client whose runs leave what must be there exactly once: a snapshot of a dataset and a file for others.

const flow = `flow: campaign
params:
  campaign: { type: text }
  add: { type: number }
steps:
  s0: { uses: import/csv, with: { path: data/n.csv } }
  s1: { uses: enrich/light, from: s0, with: { add: "\${params.add}" } }
  s2: { uses: enrich/light, from: s1, with: { add: "\${params.add}" } }
  target:
    uses: enrich/derive
    from: s2
    with:
      columns:
        customer_id: "concat('c', cast(n as varchar))"
        channel: "if(n % 2 = 0, 'email', 'letter')"
        cost: "0.5"
  export:
    uses: select/export
    from: { target: target }
    with: { campaign: "\${params.campaign}", columns: [customer_id, n] }
`

/** Gives a light client the flow `campaign`. */
export function writeCampaigns(root: string): void {
  mkdirSync(join(root, 'flows'), { recursive: true })
  writeFileSync(join(root, 'flows', 'campaign.yaml'), flow)
}

export const campaign = (number: number): NewRun =>
  runRequest('campaign', { params: { campaign: `campaign-${number}`, add: number } })

/** What the runs have left in a client's folder but for times: by campaign. */
export function leftBy(root: string, runs: readonly NewRun[]): Record<string, unknown>[] {
  return runs.map(({ id, params }) => {
    const record = JSON.parse(readFileSync(join(root, '.polku', 'runs', id, 'run.json'), 'utf8')) as RunRecord // the runtime's own
    const steps = record.steps.map(({ name, status, outputs, key, settings }) => ({
      name,
      status,
      outputs,
      key,
      settings,
    }))
    return {
      params,
      status: record.status,
      problem: record.problem,
      steps,
      files: exported(root, String(params.campaign)),
    }
  })
}

/** Every file of a campaign with its text, unfinished ones too. */
function exported(root: string, name: string): Record<string, string> {
  const folder = join(root, 'exports', name)
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    files
      .map(({ parentPath, name: file }) => [
        `${parentPath.slice(folder.length)}/${file}`,
        readFileSync(join(parentPath, file), 'utf8'),
      ])
      .sort(),
  )
}

/** The keys of the contact history's snapshots, in their order. */
export const history = (root: string): string[] => {
  const folder = join(root, '.polku', 'datasets', 'contact-history')
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')).key)
}
