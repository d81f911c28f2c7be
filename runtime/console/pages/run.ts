import { createHash } from 'node:crypto'
import { type Html, html, humanise } from '../../html/html.ts'
import { day, duration } from '../../html/numbers.ts'
import { problemFacts } from '../../html/problem.ts'
import { settingsTable } from '../../html/settings.ts'
import { badge, stepState } from '../../html/states.ts'
import { rowsCell, type StepRows, stepRows } from '../../html/step-rows.ts'
import { getFlow } from '../../server/api/flows.ts'
import { cancelRun, getRun, listRuns, listSteps, retryRun, startRun } from '../../server/api/runs.ts'
import { ApiProblem } from '../api.ts'
import { forgeryField, may, type Page } from '../page.ts'
import { againForm } from '../parts/again-form.ts'
import { button, tableOr } from '../parts/list.ts'
import { type DeclaredParams, readParams } from '../parts/param-fields.ts'
import { cause, isGoing, type Run, runBadge, timeOf } from '../parts/run-state.ts'
import { runTable, tookOf } from '../parts/run-table.ts'
import { foldedFindings, type Step, warningPanel } from '../parts/step-findings.ts'
import { flowPath, runPath } from '../paths.ts'
import { filled, param, type Visit } from '../visit.ts'
import { toClient } from './client.ts'
import type { FlowAnswer } from './flow.ts'

/** A step as the table shows it: what is known before its run has left a record is its name. */
interface Line {
  readonly name: string
  readonly title: string
  readonly uses: string
  readonly status: string
  readonly cached: boolean
  readonly rows: StepRows
  readonly milliseconds: number | undefined
  /** Where its own page is; none before it has a record. */
  readonly href: string | undefined
}

/** How far each step is: what is told of it while it runs is newer than what the run's folder says. */
const linesOf = (run: Run, told: readonly Step[], flow: FlowAnswer | undefined): Line[] => {
  const known = new Map(told.map((step) => [step.name, step]))
  const declared = new Map(flow?.steps.map((step) => [step.name, step]))
  const live = new Map(run.steps.map((step) => [step.name, step]))
  const names = new Set([...known.keys(), ...live.keys(), ...(known.size + live.size === 0 ? declared.keys() : [])])
  return [...names].map((name) => {
    const [step, now, plan] = [known.get(name), live.get(name), declared.get(name)]
    const cached = now?.cached ?? step?.cached ?? false
    return {
      ...{ name, cached },
      title: step?.title ?? plan?.title ?? humanise(name),
      uses: step?.uses ?? plan?.uses ?? '',
      status: now?.status ?? step?.status ?? 'waiting',
      rows: now?.rows === undefined && now?.others === undefined ? stepRows(step?.outputs ?? []) : now,
      milliseconds: now?.milliseconds ?? (step?.milliseconds || undefined),
      href: step && `${runPath(run.client, run.id)}/steps/${name}`,
    }
  })
}

const stateOf = ({ status, cached }: Line, going: boolean): Html => {
  const state = stepState({ status: status as 'waiting', cached }) // one of its states; others read as not run
  if (status === 'running') return html`<span class="badge cached">running</span>`
  return badge(going && state.look === 'idle' ? { word: 'waiting', look: 'idle' } : state)
}

const stepTable = (run: Run, lines: readonly Line[]): Html =>
  tableOr(
    'Steps',
    [
      { name: 'Step' },
      { name: 'State' },
      { name: 'Rows', number: true },
      { name: 'Took', number: true },
      { name: 'Node' },
    ],
    lines.map(
      (line, index) => html`<tr id="step-${index + 1}">
<td class="long">${line.href === undefined ? html`<bdi>${line.title}</bdi>` : html`<a href="${line.href}"><bdi>${line.title}</bdi></a>`}</td>
<td>${stateOf(line, isGoing(run.state))}</td>
<td class="number">${rowsCell(line.rows)}</td>
<td class="number">${line.milliseconds === undefined ? '–' : duration(line.milliseconds)}</td>
<td><code>${line.uses}</code></td>
</tr>\n`,
    ),
    html`<p>No step has begun. Reload the page to see how far it is.</p>`,
  )

const progressOf = (run: Run, lines: readonly Line[]): string => {
  if (run.state === 'waiting') return 'Waiting: as many runs as may go on at once do so already.'
  if (run.state === 'queued') return 'Queued: it begins as soon as a worker is free.'
  const done = lines.filter(({ status }) => status === 'done').length
  const now = lines.filter(({ status }) => status === 'running').map(({ title }) => title)
  const count = `${done} of ${lines.length} steps are done.`
  if (run.state !== 'running') return count
  if (run.cancelling) return `${count} It is being cancelled.`
  return now.length > 0 ? `${count} Now: ${now.join(', ')}.` : count
}

const problemOf = (run: Run, lines: readonly Line[]): Html | false => {
  if (run.problem === null) return false
  const at = lines.find(({ name }) => name === run.problem?.step)
  const what = run.state === 'stopped' ? 'A rule stopped this run' : 'This run failed'
  return html`<section class="problem ${run.state}" aria-labelledby="problem-title">
<h2 id="problem-title">${what}${at && html` at “<bdi>${at.title}</bdi>”`}</h2>
${problemFacts(run.problem)}
</section>`
}

const fact = (name: string, value: Html | string | undefined): Html | false =>
  value !== undefined && html`<div><dt>${name}</dt><dd>${value}</dd></div>`

const facts = (run: Run): Html => html`<dl class="facts">
${fact('State', runBadge(run.state))}
${fact('As of', day(run.asOf))}
${fact('Why', html`<bdi>${cause(run.trigger)}</bdi>`)}
${fact('Asked for', timeOf(run.requestedAt))}
${fact('Took', tookOf(run))}
${run.attempts > 1 && fact('Begun', `${run.attempts} times`)}
${run.trigger.of !== undefined && fact('Again', html`<a href="${runPath(run.client, run.trigger.of)}">an earlier run</a>`)}
${run.parent !== null && fact('Part of', html`<a href="${runPath(run.client, run.parent)}">another run</a>`)}
</dl>`

/** Nothing where there is none: a run that has not begun has no folder, and a flow may have gone since. */
const ifThere = async <T>(asked: Promise<T>): Promise<T | undefined> => {
  try {
    return await asked
  } catch (error) {
    if (error instanceof ApiProblem && error.status !== 401 && error.status < 500) return undefined
    throw error
  }
}

const actions = (visit: Visit, run: Run, hasReport: boolean): Html => html`<div class="actions">
${hasReport && html`<a class="button" href="/api/clients/${run.client}/runs/${run.id}/report">Open the report</a>`}
${isGoing(run.state) && !run.cancelling && may(visit.session, cancelRun) && button(`${runPath(run.client, run.id)}/cancel`, 'Cancel this run', forgeryField(visit.session), 'danger')}
${!isGoing(run.state) && may(visit.session, startRun) && html`<a class="button plain" href="${flowPath(run.client, run.flow)}?like=${run.id}#start">Start one like it</a>`}
</div>`

const later = 3

/** A run as it goes on, and what came of it. */
export async function showRun(visit: Visit): Promise<Page> {
  const { api, session } = visit
  const params = { client: param(visit, 'client'), run: param(visit, 'run') }
  const run = await api.ask(getRun, { params })
  const told = (await ifThere(api.ask(listSteps, { params, query: { findings: true } })))?.items ?? []
  const flow = await ifThere(api.ask(getFlow, { params: { client: run.client, flow: run.flow }, query: {} }))
  const children = await api.ask(listRuns, { params, query: { parent: run.id, limit: 100 } })
  const lines = linesOf(run, told, flow)
  const hrefOf = ({ name }: Step) => `${runPath(run.client, run.id)}/steps/${name}`
  const findings = told.map((step) => foldedFindings(step, hrefOf(step))).filter((markup) => markup !== false)
  const going = isGoing(run.state)
  const title = flow?.title ?? humanise(run.flow)
  const body = html`<div${going && html` data-live="/api/clients/${run.client}/runs/${run.id}/events"`}>
<h1><bdi>${title}</bdi></h1>
<div data-part="facts">${facts(run)}</div>
<p class="lead" role="status" data-part="progress">${progressOf(run, lines)}</p>
<div data-part="problem">${problemOf(run, lines)}</div>
<div data-part="actions">${actions(visit, run, told.length > 0)}</div>
<div data-part="again">${!going && may(session, retryRun) && againForm(visit, run, lines, flow?.params ?? {})}</div>
<div data-part="warnings">${warningPanel(told, hrefOf)}</div>
<section class="part"><h2>Steps</h2><div data-part="steps">${stepTable(run, lines)}</div></section>
<div data-part="children">${children.items.length > 0 && html`<section class="part"><h2>Runs that it started</h2>${runTable(children.items, html``)}</section>`}</div>
<div data-part="findings">${findings.length > 0 && html`<section class="part"><h2>What it found</h2>${findings}</section>`}</div>
<section class="part"><h2>Parameters</h2>${settingsTable(run.params)}</section>
</div>`
  const path = [...toClient(run.client), { href: flowPath(run.client, run.flow), name: title }]
  return { title: `Run of ${day(run.asOf)}`, body, path, ...(going && { reload: later }) }
}

/** One key for one filled form: sent twice it starts one run, changed and sent it starts another. */
const keyOf = (form: URLSearchParams): string | undefined =>
  form.get('key') === null ? undefined : createHash('sha256').update(form.toString()).digest('hex')

const declaredOf = async (visit: Visit, client: string, flow: string): Promise<DeclaredParams> =>
  (await visit.api.ask(getFlow, { params: { client, flow }, query: {} })).params

/** Starts a run as the form of its flow says. */
export async function startRunOf(visit: Visit): Promise<string> {
  const { api, form } = visit
  const [client, flow] = [param(visit, 'client'), param(visit, 'flow')]
  const params = readParams(await declaredOf(visit, client, flow), form)
  const body = { flow, params, asOf: filled(form, 'asOf'), idempotencyKey: keyOf(form) }
  const { id } = await api.ask(startRun, { params: { client }, body })
  return runPath(client, id)
}

/** Does a run again as the form says. */
export async function runAgain(visit: Visit): Promise<string> {
  const { api, form } = visit
  const [client, run] = [param(visit, 'client'), param(visit, 'run')]
  const { flow } = await api.ask(getRun, { params: { client, run } })
  const params = readParams(await declaredOf(visit, client, flow), form)
  const body = { from: filled(form, 'from'), params, asOf: filled(form, 'asOf'), idempotencyKey: keyOf(form) }
  const { id } = await api.ask(retryRun, { params: { client, run }, body })
  return runPath(client, id)
}

export async function cancelRunOf(visit: Visit): Promise<string> {
  const params = { client: param(visit, 'client'), run: param(visit, 'run') }
  await visit.api.ask(cancelRun, { params })
  return runPath(params.client, params.run)
}
