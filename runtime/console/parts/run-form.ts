import { randomUUID } from 'node:crypto'
import type { Answer } from '../../client/client.ts'
import { type Html, html, humanise } from '../../html/html.ts'
import { forgeryField } from '../page.ts'
import type { Visit } from '../visit.ts'
import { checkField, type Field, inputField, selectField } from './fields.ts'

/** A flow's parameters as the API gives them: none of one whose file is broken. */
export type DeclaredParams = Answer<'getFlow'>['params']

type FlowParam = DeclaredParams[string]

const prefix = 'param.'

/** A list as one writes it between commas, or as JSON where an item has one in it. */
const listText = (items: readonly unknown[]): string =>
  items.some((item) => String(item).includes(',')) ? JSON.stringify(items) : items.join(', ')

const asText = (value: unknown): string | undefined => {
  if (value === undefined || value === null) return undefined
  return Array.isArray(value) ? listText(value) : String(value)
}

const hints: Partial<Record<FlowParam['type'], string>> = { list: 'Several values with commas between them.' }

const hintOf = ({ description, type, minimum, maximum, default: preset }: FlowParam): string | undefined => {
  const limits = [minimum !== undefined && `at least ${minimum}`, maximum !== undefined && `at most ${maximum}`]
  const range = limits.filter((limit) => limit !== false).join(', ')
  const sentences = [
    description && /[.!?]$/.test(description) ? description : description && `${description}.`,
    hints[type],
    range && `${range.charAt(0).toUpperCase()}${range.slice(1)}.`,
    preset !== undefined && asText(preset) !== '' && `By default ${asText(preset)}.`,
  ]
  return sentences.filter(Boolean).join(' ') || undefined
}

const paramField = (name: string, param: FlowParam, value: unknown): Html => {
  const { type, default: preset, minimum, maximum } = param
  const options = param.options?.map(String)
  const chosen = value ?? preset
  const field: Field = {
    name: prefix + name,
    label: humanise(name),
    hint: hintOf(param),
    value: asText(chosen),
    required: preset === undefined,
  }
  if (type === 'list' && options) return checkField(field, options, [chosen ?? []].flat().map(String))
  if (type === 'boolean' || options) {
    const values = options?.map((option) => ({ value: option, name: option })) ?? [
      { value: 'true', name: 'Yes' },
      { value: 'false', name: 'No' },
    ]
    return selectField(field, chosen === undefined ? [{ value: '', name: 'Choose' }, ...values] : values)
  }
  if (type === 'number' || type === 'integer')
    return inputField({ ...field, type: 'number', step: type === 'integer' ? 1 : undefined, minimum, maximum })
  return inputField({ ...field, type: type === 'date' ? 'date' : 'text' })
}

/** What the form said, or the values given, or else the defaults. */
const paramFields = (
  declared: DeclaredParams,
  values: Readonly<Record<string, unknown>>,
  form?: URLSearchParams,
): Html => {
  const sent = form ? readParams(declared, form) : values
  return html`${Object.entries(declared).map(([name, param]) => paramField(name, param, Object.hasOwn(sent, name) ? sent[name] : undefined))}`
}

/** The parameters that a form says, as texts, which the API reads as each one's type says. An empty field is its default. */
export function readParams(declared: DeclaredParams, form: URLSearchParams): Record<string, unknown> {
  const entries = Object.entries(declared).flatMap(([name, param]): [string, unknown][] => {
    const { type, default: preset, options } = param
    const texts = form.getAll(prefix + name)
    if (type === 'list' && options) return [[name, texts]]
    const [text = ''] = texts
    const mayBeEmpty = (type === 'text' || type === 'list') && preset !== undefined && texts.length > 0
    return text.trim() !== '' || mayBeEmpty ? [[name, type === 'text' ? text : text.trim()]] : []
  })
  return Object.fromEntries(entries)
}

interface RunForm {
  readonly action: string
  readonly button: string
  readonly declared: DeclaredParams
  /** What the fields hold at first, where it is not the defaults. */
  readonly values: { readonly params?: Readonly<Record<string, unknown>>; readonly asOf?: string }
  readonly asOfHint: string
  /** Fields above the parameters. */
  readonly above?: Html
}

/** A form that starts a run: parameters and the as-of date, filled as they were sent where they were refused. */
export const runForm = (
  { session, form }: Visit,
  { action, button, declared, values, asOfHint, above }: RunForm,
): Html => {
  const isSent = form.has('key')
  return html`<form method="post" action="${action}" class="panel" autocomplete="off">
${forgeryField(session)}
<input type="hidden" name="key" value="${randomUUID()}">
<div class="fields">
${above}
${paramFields(declared, values.params ?? {}, isSent ? form : undefined)}
${inputField({ name: 'asOf', label: 'As of', type: 'date', value: isSent ? (form.get('asOf') ?? '') : values.asOf, hint: asOfHint })}
</div>
<button>${button}</button>
</form>`
}
