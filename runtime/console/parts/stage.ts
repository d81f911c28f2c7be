import { type Html, html } from '../../html/html.ts'

type Stage = 'draft' | 'approved' | 'lapsed' | 'retired' | 'damaged'

const words: Record<Stage, readonly [string, string]> = {
  draft: ['Draft', 'idle'],
  approved: ['Approved', 'done'],
  lapsed: ['Approval lapsed', 'stopped'],
  retired: ['Retired', 'idle'],
  damaged: ['Damaged', 'failed'],
}

/** How far a version of a model has come. */
export const stageBadge = (stage: Stage): Html => html`<span class="badge ${words[stage][1]}">${words[stage][0]}</span>`
