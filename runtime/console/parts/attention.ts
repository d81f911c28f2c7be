import type { Static } from 'typebox'
import { type Html, html } from '../../html/html.ts'
import type { clientAnswer } from '../../server/api/clients.ts'
import type { incidentAnswer } from '../../server/api/watch.ts'
import { clientPath, flowPath, runPath } from '../paths.ts'
import { timeOf } from './run-state.ts'

type Client = Static<typeof clientAnswer>
type Incident = Static<typeof incidentAnswer>

const words: Record<Incident['kind'], readonly [string, string]> = {
  'run failed': ['Failed', 'failed'],
  'run stopped': ['Stopped by a rule', 'stopped'],
  'run late': ['Late', 'stopped'],
  'flow broken': ['File is broken', 'failed'],
  'trigger failed': ['Trigger failed', 'failed'],
  'trigger circle': ['Not started: a circle', 'stopped'],
  'backfill failed': ['Backfill ended early', 'failed'],
  'workspace gone': ['Folder is gone', 'failed'],
}

type Trouble = Pick<Incident, 'client' | 'kind' | 'flow' | 'run'> & { readonly since: string | null }

/** A flow that is not as it should be, whether or not anybody was told of it. */
const troublesOf = ({ name: client, flows }: Client): Trouble[] =>
  flows.flatMap(({ flow, sound, lastRun }): Trouble[] => {
    if (!sound) return [{ client, kind: 'flow broken', flow, run: null, since: null }]
    if (lastRun?.state !== 'failed' && lastRun?.state !== 'stopped') return []
    const kind = lastRun.state === 'failed' ? 'run failed' : 'run stopped'
    return [{ client, kind, flow, run: lastRun.id, since: lastRun.finishedAt }]
  })

const pathOf = ({ client, flow, run }: Trouble): string => {
  if (run !== null) return runPath(client, run)
  return flow === null ? clientPath(client) : flowPath(client, flow)
}

/** What needs a look: the incidents that are open, and flows that are in trouble without one. */
export const attention = (clients: readonly Client[], incidents: readonly Incident[]): Html | false => {
  const keyOf = ({ client, flow }: Trouble) => `${client} ${flow}`
  const known = new Set(incidents.map(keyOf))
  const troubles: Trouble[] = [...incidents, ...clients.flatMap(troublesOf).filter((each) => !known.has(keyOf(each)))]
  if (troubles.length === 0) return false
  const byName = new Map(clients.map((client) => [client.name, client]))
  const items = troubles.map((trouble) => {
    const client = byName.get(trouble.client)
    const flow = client?.flows.find((each) => each.flow === trouble.flow)
    const [word, look] = words[trouble.kind]
    const what = trouble.flow === null ? false : html`: <bdi>${flow?.title ?? trouble.flow}</bdi>`
    return html`<li><span class="badge ${look}">${word}</span> <a href="${pathOf(trouble)}"><bdi>${client?.title ?? trouble.client}</bdi>${what}</a> ${trouble.since !== null && html`since ${timeOf(trouble.since)}`}</li>\n`
  })
  return html`<section class="warnings" aria-labelledby="attention">
<h2 id="attention">${items.length === 1 ? 'One thing needs' : `${items.length} things need`} a look</h2>
<ul>${items}</ul>
</section>`
}
