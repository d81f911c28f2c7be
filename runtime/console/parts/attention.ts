import type { Answer, Item } from '../../client/client.ts'
import { timeOf } from '../../html/facts.ts'
import { type Html, html } from '../../html/html.ts'
import { badge, runStates, type State } from '../../html/steps.ts'
import { clientPath, flowPath, runPath } from '../visit.ts'

type Client = Answer<'getClient'>
type Incident = Item<'listIncidents'>

const states: Record<Incident['kind'], State> = {
  'run failed': runStates.failed,
  'run stopped': runStates.stopped,
  'run late': { word: 'Late', look: 'stopped' },
  'flow broken': { word: 'File is broken', look: 'failed' },
  'trigger failed': { word: 'Trigger failed', look: 'failed' },
  'trigger circle': { word: 'Not started: a circle', look: 'stopped' },
  'backfill failed': { word: 'Backfill ended early', look: 'failed' },
  'workspace gone': { word: 'Folder is gone', look: 'failed' },
}

type Trouble = Pick<Incident, 'client' | 'kind' | 'flow' | 'run'> & { readonly since: string | null }

/** A flow that is not as it should be, whether or not anybody was notified. */
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
  const withIncident = new Set(incidents.map(keyOf))
  const troubles: Trouble[] = [
    ...incidents,
    ...clients.flatMap(troublesOf).filter((each) => !withIncident.has(keyOf(each))),
  ]
  if (troubles.length === 0) return false
  const byName = new Map(clients.map((client) => [client.name, client]))
  const items = troubles.map((trouble) => {
    const client = byName.get(trouble.client)
    const flow = client?.flows.find((each) => each.flow === trouble.flow)
    const what = trouble.flow === null ? false : html`: <bdi>${flow?.title ?? trouble.flow}</bdi>`
    return html`<li>${badge(states[trouble.kind])} <a href="${pathOf(trouble)}"><bdi>${client?.title ?? trouble.client}</bdi>${what}</a> ${trouble.since !== null && html`since ${timeOf(trouble.since)}`}</li>\n`
  })
  return html`<section class="warnings" aria-labelledby="attention">
<h2 id="attention">${items.length === 1 ? 'One thing needs' : `${items.length} things need`} a look</h2>
<ul>${items}</ul>
</section>`
}
