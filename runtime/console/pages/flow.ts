import type { Answer } from '../../client/client.ts'
import { timeOf } from '../../html/facts.ts'
import { flowGraph } from '../../html/graph.ts'
import { type Html, html, humanise } from '../../html/html.ts'
import { day, moment } from '../../html/numbers.ts'
import { scrollTable } from '../../html/tables.ts'
import { problemWith } from '../api.ts'
import { forgeryField, may, type Page } from '../page.ts'
import { button, problemList } from '../parts/elements.ts'
import { runForm } from '../parts/run-form.ts'
import { type Run, runTable } from '../parts/runs.ts'
import { type Change, flowPath, param, type Routes, runPath, toClient, type Visit } from '../visit.ts'

export type FlowAnswer = Answer<'getFlow'>

/** The steps as the picture takes them, each with how it ended in `run`. */
const graphOf = (steps: FlowAnswer['steps'], run: Run | undefined): Html => {
  const ended = new Map(run?.steps.map((step) => [step.name, step]))
  return flowGraph({
    steps: steps.map(({ name, uses, title, from }) => {
      const { status, cached = false, rows, others } = ended.get(name) ?? { status: 'waiting' }
      return {
        ...{ name, uses, from, cached, rows, others },
        title: title ?? humanise(name),
        status: status as 'waiting', // one of the states of a step; others are drawn like this one
      }
    }),
  })
}

const stepTable = (steps: FlowAnswer['steps']): Html =>
  scrollTable(
    'Steps of the flow',
    [{ name: 'Step' }, { name: 'Node' }, { name: 'Reads' }],
    steps.map(
      ({ name, uses, title, from }, index) => html`<tr id="step-${index + 1}">
<td class="long"><bdi>${title ?? humanise(name)}</bdi> <span class="quiet">${name}</span></td>
<td><code>${uses}</code></td>
<td>${from.map(({ step, output }) => (output === null ? step : `${step}.${output}`)).join(', ') || '–'}</td>
</tr>\n`,
    ),
    'whole',
  )

const startForm = (visit: Visit, flow: FlowAnswer, again: Run | undefined): Html => {
  const form = runForm(visit, {
    action: `${flowPath(param(visit, 'client'), flow.flow)}/run`,
    button: 'Start a run',
    declared: flow.params,
    values: { params: again?.params, asOf: again?.asOf },
    asOfHint: 'The run sees what was known before this date; today where it is empty.',
  })
  return html`<section class="part" id="start" aria-labelledby="start-title">
<h2 id="start-title">Start it</h2>
${again && html`<p class="callout">Filled in as in <a href="${runPath(again.client, again.id)}">the run asked for ${moment(again.requestedAt)}</a>.</p>`}
${form}
</section>`
}

const missedWords: Record<string, string> = {
  none: 'Times that pass while nothing is served are left out.',
  latest: 'Of the times that pass while nothing is served, the latest is made up for.',
  all: 'All times that pass while nothing is served are made up for.',
}

const triggerText = (trigger: Readonly<Record<string, unknown>>): string => {
  if (trigger.dataset !== undefined) return `A new snapshot of the dataset ${trigger.dataset}`
  if (trigger.file !== undefined) return `The arrival of a file ${trigger.file}`
  return `The end of the flow ${trigger.flow}${trigger.on === undefined ? '' : ` (${trigger.on})`}`
}

const automation = (visit: Visit, flow: FlowAnswer): Html => {
  const { schedule, next, triggers, paused } = flow
  const isAutomatic = schedule !== null || triggers.length > 0
  const path = flowPath(param(visit, 'client'), flow.flow)
  return html`<section class="part"><h2>When it runs by itself</h2>
${!isAutomatic && html`<div class="empty"><p>Never: it has no schedule and no triggers. Give its file a line such as <code>schedule: { cron: "0 6 * * MON" }</code> to run it each Monday at six.</p></div>`}
${schedule && html`<p><code>${schedule.cron}</code> on the clocks of ${schedule.timezone}. ${missedWords[schedule.missed] ?? schedule.missed}</p>`}
${triggers.length > 0 && html`<ul>${triggers.map((trigger) => html`<li>${triggerText(trigger)}</li>\n`)}</ul>`}
${paused && html`<p class="callout warning">Paused: it does not start by itself until it is resumed.</p>`}
${next.length > 0 && html`<p>Next: ${next.slice(0, 5).map(({ at }, index) => html`${index > 0 && ' · '}${timeOf(at)}`)}</p>`}
${isAutomatic && may(visit.session, 'pauseFlow') && button(`${path}/${paused ? 'resume' : 'pause'}`, paused ? 'Resume' : 'Pause', forgeryField(visit.session), 'plain')}
</section>`
}

const faults = ({ problems, schedule, triggers }: FlowAnswer): Html | false =>
  problems.length > 0 &&
  html`<section class="problem" aria-labelledby="faults"><h2 id="faults">Its file is not right as it is now</h2>
${problemList(problems)}
${(schedule !== null || triggers.length > 0) && html`<p>What last checked goes on running by itself until the file is mended.</p>`}</section>`

/** The run whose values the form shall have. */
async function runAgainOf({ api, query }: Visit, client: string): Promise<Run | undefined> {
  const run = query.get('like')
  return run === null ? undefined : api.getRun({ params: { client, run } })
}

/** A flow: its picture, when it runs, its runs, and a form to start it. */
export async function showFlow(visit: Visit): Promise<Page> {
  const { api, session } = visit
  const params = { client: param(visit, 'client'), flow: param(visit, 'flow') }
  const flow = await api.getFlow({ params })
  const again = await runAgainOf(visit, params.client)
  const runs = await api.listRuns({ params: { client: params.client }, query: { flow: flow.flow, limit: 10 } })
  const path = flowPath(params.client, flow.flow)
  const latest = runs.items.find(({ steps }) => steps.length > 0)
  const body = html`<div class="head">
<h1><bdi>${flow.title}</bdi></h1>
${flow.paused && html`<span class="badge stopped">Paused</span>`}
${may(session, 'checkFlow') && button(`${path}/check`, 'Check its file', forgeryField(session), 'plain')}
</div>
${flow.description !== null && html`<p class="lead">${flow.description}</p>`}
${faults(flow)}
${may(session, 'startRun') && startForm(visit, flow, again)}
<section class="part"><h2>Its steps</h2>
${latest && html`<p class="quiet">As in the newest run, as of ${day(latest.asOf)}.</p>`}
${graphOf(flow.steps, latest)}
<details><summary>The steps as a table</summary>${stepTable(flow.steps)}</details>
<details><summary>The file</summary><pre class="source scroll" tabindex="0" role="region" aria-label="The flow’s file">${flow.source}</pre></details>
</section>
${automation(visit, flow)}
<section class="part"><h2>Its runs</h2>
${runTable(runs.items, html`<p>It has not run yet. Start it above.</p>`)}
${runs.next !== null && html`<p class="more"><a href="/clients/${params.client}/runs?flow=${flow.flow}">All runs of it</a></p>`}
</section>`
  return { title: flow.title, body, path: toClient(params.client) }
}

/** Checks a flow's file whole, and says what came out. */
async function checkFlowOf(visit: Visit): Promise<Page> {
  const params = { client: param(visit, 'client'), flow: param(visit, 'flow') }
  const { problems } = await visit.api.checkFlow({ params, body: {} })
  const [first, ...others] = problems
  if (first) throw problemWith(422, [first, ...others])
  const page = await showFlow(visit)
  const body = html`<p class="callout good" role="status">Its file checks: every setting, reference and column of every step is right.</p>${page.body}`
  return { ...page, body }
}

const pausing =
  (operation: 'pauseFlow' | 'resumeFlow'): Change =>
  async (visit) => {
    const params = { client: param(visit, 'client'), flow: param(visit, 'flow') }
    await visit.api[operation]({ params })
    return flowPath(params.client, params.flow)
  }

const url = '/clients/:client/flows/:flow'

export const flowRoutes: Routes = {
  pages: [[url, showFlow]],
  changes: [
    [`${url}/check`, checkFlowOf, showFlow],
    [`${url}/pause`, pausing('pauseFlow'), showFlow],
    [`${url}/resume`, pausing('resumeFlow'), showFlow],
  ],
}
