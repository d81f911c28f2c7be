/** Values of a label, at most so many: those that come later are told together, so that nobody can fill the memory with them. */
export class BoundedLabels {
  readonly #known = new Set<string>()
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  /** The value, or `other` where there are too many. */
  of(value: string): string {
    if (this.#known.size < this.#most) this.#known.add(value)
    return this.#known.has(value) ? value : 'other'
  }
}
