/** Values of a label, at most so many: those that come later are counted together, so that nobody can fill the memory with them. */
export class LabelValues {
  readonly #values = new Set<string>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  /** The value, or `other` where there are too many. */
  of(value: string): string {
    if (this.#values.size < this.#limit) this.#values.add(value)
    return this.#values.has(value) ? value : 'other'
  }
}
