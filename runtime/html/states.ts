import { type Html, html } from './html.ts'

// A step's state in words and as a class. The words carry the meaning, the colour only helps.

export interface State {
  readonly word: string
  readonly look: 'done' | 'cached' | 'failed' | 'stopped' | 'idle'
}

/** How far a step has come, as its record says. */
export interface StepProgress {
  readonly status: 'waiting' | 'running' | 'done' | 'failed' | 'stopped' | 'skipped'
  /** True when its result was taken from an earlier run. */
  readonly cached: boolean
}

type RunStatus = 'running' | 'done' | 'failed' | 'stopped'

/** `done`, `cached`, `failed`, `stopped`, `not run` or `running`. */
export const stepState = ({ status, cached }: StepProgress): State => {
  if (status === 'done') return cached ? { word: 'cached', look: 'cached' } : { word: 'done', look: 'done' }
  if (status === 'failed' || status === 'stopped') return { word: status, look: status }
  return { word: status === 'running' ? 'running' : 'not run', look: 'idle' }
}

const runWords: Record<RunStatus, State> = {
  done: { word: 'Complete', look: 'done' },
  failed: { word: 'Failed', look: 'failed' },
  stopped: { word: 'Stopped by a rule', look: 'stopped' },
  running: { word: 'Not finished', look: 'idle' },
}

export const runState = ({ status }: { readonly status: RunStatus }): State => runWords[status]

export const badge = ({ word, look }: State): Html => html`<span class="badge ${look}">${word}</span>`
