/** By name: what a secret is, and a keyed hash that shows only whether it is still the same. */
export type SecretValues = Readonly<Record<string, { readonly value: string; readonly fingerprint: string }>>

const reference = /\$\{\s*secret\.([^}\s]*)\s*\}/g

/** Whether a text names a secret. */
export const namesSecret = (text: string): boolean => /\$\{\s*secret\./.test(text)

/** The secrets that a text names. */
export const secretNames = (text: string): string[] => [...text.matchAll(reference)].map(([, name = '']) => name)

/** A text that is shorter would stand in other words, too. */
export const shortestSecret = 8

/**
 * The secrets that a flow may use. In a plan and in all that a run leaves stand their names, `${secret.NAME}`; the node
 * alone receives their values.
 */
export class Secrets {
  readonly #values: SecretValues
  readonly #forms: readonly (readonly [text: string, name: string])[]

  constructor(values: SecretValues = {}) {
    this.#values = values
    // A part of a longer one must not break it up.
    this.#forms = Object.entries(values)
      .flatMap(([name, { value }]) => formsOf(value).map((text) => [text, name] as const))
      .sort(([left], [right]) => right.length - left.length)
  }

  /** Whether there is none: then nothing has to be looked for. */
  get isEmpty(): boolean {
    return this.#forms.length === 0
  }

  get names(): string[] {
    return Object.keys(this.#values).sort()
  }

  /** The fingerprints of those of `names` that there are: they are part of a step's key. */
  fingerprints(names: readonly string[]): Readonly<Record<string, string>> {
    return Object.fromEntries(
      names.flatMap((name) => {
        const secret = this.#of(name)
        return secret ? [[name, secret.fingerprint] as const] : []
      }),
    )
  }

  /** Settings with values in place of names: a copy, or they themselves where there is no secret. */
  reveal<Value>(settings: Value): Value {
    if (this.isEmpty) return settings
    return mapTexts(settings, (text) =>
      text.replaceAll(reference, (whole, name: string) => this.#of(name)?.value ?? whole),
    )
  }

  /** A copy in which no text holds a secret, as it is or as JSON, an address, SQL or base64 write it. */
  redact<Value>(value: Value): Value {
    return this.isEmpty ? value : mapTexts(value, (text) => this.#redactText(text))
  }

  #redactText(text: string): string {
    return this.#forms.reduce((rest, [form, name]) => rest.replaceAll(form, `\${secret.${name}}`), text)
  }

  #of(name: string): SecretValues[string] | undefined {
    return Object.hasOwn(this.#values, name) ? this.#values[name] : undefined
  }
}

/** How a secret may be written in a text. Of one with several lines, each long one is a secret, too. */
function formsOf(value: string): string[] {
  const lines = value.split(/\r?\n/).filter((line) => line.length >= 2 * shortestSecret)
  const forms = [value, ...lines].flatMap((text) => [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text),
    text.replaceAll("'", "''"),
    Buffer.from(text).toString('base64').replace(/=+$/, ''),
    Buffer.from(text).toString('base64url'),
  ])
  return [...new Set(forms)]
}

/** A copy of plain data with every text in it changed, names of fields too. */
function mapTexts<Value>(value: Value, change: (text: string) => string): Value {
  const visit = (part: unknown): unknown => {
    if (typeof part === 'string') return change(part)
    if (Array.isArray(part)) return part.map(visit)
    if (part === null || typeof part !== 'object' || ArrayBuffer.isView(part)) return part
    return Object.fromEntries(Object.entries(part).map(([key, item]) => [change(key), visit(item)]))
  }
  return visit(value) as Value // texts stay texts, and all else what it is
}
