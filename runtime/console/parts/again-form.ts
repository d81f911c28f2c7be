import { randomUUID } from 'node:crypto'
import { type Html, html } from '../../html/html.ts'
import { forgeryField } from '../page.ts'
import type { Visit } from '../visit.ts'
import { inputField, selectField } from './fields.ts'
import { type DeclaredParams, paramFields } from './param-fields.ts'
import type { Run } from './run-state.ts'

/** A form that does a run again: all of it or from a step on, with other parameters if wanted. */
export const againForm = (
  { session, form, problem }: Visit,
  run: Run,
  steps: readonly { readonly name: string; readonly title: string }[],
  params: DeclaredParams,
): Html => {
  const isSent = form.has('key')
  const options = [
    { value: '', name: 'Only what has changed or was not finished' },
    ...steps.map(({ name, title }) => ({ value: name, name: `From “${title}” on` })),
  ]
  return html`<details class="part" id="again"${problem !== undefined && isSent && html` open`}>
<summary>Run it again</summary>
<form method="post" action="/clients/${run.client}/runs/${run.id}/again" class="panel" autocomplete="off">
${forgeryField(session)}
<input type="hidden" name="key" value="${randomUUID()}">
<div class="fields">
${selectField({ name: 'from', label: 'What is done anew', value: form.get('from') ?? run.problem?.step ?? '', hint: 'Results of the steps before are kept.' }, options)}
${paramFields(params, run.params, isSent ? form : undefined)}
${inputField({ name: 'asOf', label: 'As of', type: 'date', value: isSent ? (form.get('asOf') ?? '') : run.asOf, hint: 'The run sees what was known before this date.' })}
</div>
<button>Run it again</button>
</form>
</details>`
}
