import type { Static } from 'typebox'
import { type Html, html } from '../../html/html.ts'
import { moment } from '../../html/numbers.ts'
import type { runAnswer } from '../../server/api/runs.ts'

export type Run = Static<typeof runAnswer>

// The words carry the meaning, the colour only helps.
const words: Record<Run['state'], readonly [string, string]> = {
  waiting: ['Waiting for its turn', 'idle'],
  queued: ['Queued', 'idle'],
  running: ['Running', 'cached'],
  done: ['Complete', 'done'],
  failed: ['Failed', 'failed'],
  stopped: ['Stopped by a rule', 'stopped'],
  cancelled: ['Cancelled', 'idle'],
}

export const runBadge = (state: Run['state']): Html =>
  html`<span class="badge ${words[state][1]}">${words[state][0]}</span>`

export const isGoing = (state: Run['state']): boolean => ['waiting', 'queued', 'running'].includes(state)

/** A time for people and programs; a dash where there is none. */
export const timeOf = (iso: string | null): Html =>
  iso === null ? html`<span class="none">–</span>` : html`<time datetime="${iso}">${moment(iso)}</time>`

const kinds: Record<string, string> = {
  request: 'Asked for by',
  schedule: 'By the schedule',
  backfill: 'Of a backfill',
  dataset: 'New snapshot of',
  file: 'Arrival of',
  flow: 'End of',
  for_each: 'Child of',
  retry: 'Done again by',
}

/** What began a run, in words. */
export const cause = ({ kind, by }: Run['trigger']): string =>
  kind === 'schedule' || kind === 'backfill' ? (kinds[kind] ?? kind) : `${kinds[kind] ?? kind} ${by}`
