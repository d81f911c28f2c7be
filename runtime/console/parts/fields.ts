import { type Html, html } from '../../html/html.ts'

export interface Field {
  readonly name: string
  readonly label: string
  /** What to put in, below the field. */
  readonly hint?: string
  readonly value?: string
  readonly type?: 'text' | 'number' | 'date' | 'password' | 'email' | 'search'
  readonly required?: boolean
  readonly minimum?: number
  readonly maximum?: number
  /** Of a number: 1 for whole ones. */
  readonly step?: number
  readonly autocomplete?: string
}

export interface Option {
  readonly value: string
  readonly name: string
  /** What the frame on the page shows when it is chosen. */
  readonly href?: string
}

const idOf = (name: string): string => `field-${name}`
const hintOf = (name: string, hint: string | undefined): Html | false =>
  hint !== undefined && html`<p class="hint" id="${idOf(name)}-hint">${hint}</p>`
const described = (name: string, hint: string | undefined): Html | false =>
  hint !== undefined && html` aria-describedby="${idOf(name)}-hint"`
const attribute = (name: string, value: string | number | undefined): Html | false =>
  value !== undefined && html` ${name}="${value}"`

const labelOf = (name: string, label: string, required: boolean | undefined): Html =>
  html`<label for="${idOf(name)}"><bdi>${label}</bdi>${required && html` <span class="quiet">required</span>`}</label>`

/** A line to fill in, with its label and what it is for. */
export const inputField = (field: Field): Html => {
  const { name, label, hint, value, type = 'text', required, minimum, maximum, step, autocomplete = 'off' } = field
  return html`<div class="field">
${labelOf(name, label, required)}
<input id="${idOf(name)}" name="${name}" type="${type}" value="${value ?? ''}" autocomplete="${autocomplete}"${required && html` required`}${attribute('min', minimum)}${attribute('max', maximum)}${type === 'number' && html` step="${step ?? 'any'}"`}${described(name, hint)}>
${hintOf(name, hint)}
</div>`
}

/** Several lines to fill in. */
export const textField = ({ name, label, hint, value, required }: Field): Html => html`<div class="field">
${labelOf(name, label, required)}
<textarea id="${idOf(name)}" name="${name}" rows="3"${required && html` required`}${described(name, hint)}>
${value ?? ''}</textarea>
${hintOf(name, hint)}
</div>`

/** One of several values. */
export const selectField = (field: Field, options: readonly Option[]): Html => {
  const { name, label, hint, value, required } = field
  return html`<div class="field">
${labelOf(name, label, required)}
<select id="${idOf(name)}" name="${name}"${required && html` required`}${described(name, hint)}>
${options.map((option) => html`<option value="${option.value}"${option.value === value && html` selected`}${attribute('data-href', option.href)}>${option.name}</option>\n`)}
</select>
${hintOf(name, hint)}
</div>`
}

/** Any of several values. */
export const checkField = (field: Field, options: readonly string[], chosen: readonly string[]): Html => {
  const { name, label, hint } = field
  const boxes = options.map(
    (option) =>
      html`<label><input type="checkbox" name="${name}" value="${option}"${chosen.includes(option) && html` checked`}> <bdi>${option}</bdi></label>\n`,
  )
  return html`<fieldset class="field"${described(name, hint)}>
<legend><bdi>${label}</bdi></legend>
<div class="checks">${boxes}</div>
${hintOf(name, hint)}
</fieldset>`
}
