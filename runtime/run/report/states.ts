import type { RunRecord, StepRecord } from '../record.ts'
import { type Html, html } from './html.ts'

// A step's state in words and as a class. The words carry the meaning, the colour only helps.

export interface State {
  readonly word: string
  readonly look: 'done' | 'cached' | 'failed' | 'stopped' | 'idle'
}

/** `done`, `cached`, `failed`, `stopped`, `not run` or `running`. */
export const stepState = ({ status, cached }: Pick<StepRecord, 'status' | 'cached'>): State => {
  if (status === 'done') return cached ? { word: 'cached', look: 'cached' } : { word: 'done', look: 'done' }
  if (status === 'failed' || status === 'stopped') return { word: status, look: status }
  return { word: status === 'running' ? 'running' : 'not run', look: 'idle' }
}

const runWords: Record<RunRecord['status'], State> = {
  done: { word: 'Complete', look: 'done' },
  failed: { word: 'Failed', look: 'failed' },
  stopped: { word: 'Stopped by a rule', look: 'stopped' },
  running: { word: 'Not finished', look: 'idle' },
}

export const runState = ({ status }: Pick<RunRecord, 'status'>): State => runWords[status]

export const badge = ({ word, look }: State): Html => html`<span class="badge ${look}">${word}</span>`
