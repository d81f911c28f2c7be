import type { FlowState } from '../schedules/flow-state.ts'
import type { Ended } from './flow-ends.ts'

/** Ends that have started nothing and will not: each is told once, and they hide none that comes after them. */
export class PassedOver {
  /** By what follows them. */
  readonly #known = new Map<string, { readonly version: string | null; readonly ends: Map<string, number> }>()

  /** The runs whose ends this version of a flow has passed over. */
  of(state: FlowState, mark: string): readonly string[] {
    return [...this.#ends(state, mark).keys()]
  }

  add(state: FlowState, mark: string, ended: readonly Ended[]): void {
    const ends = this.#ends(state, mark)
    for (const { id, finished_at: at } of ended) ends.set(id, at.getTime())
    // What lies before the mark is not looked for again.
    const since = Date.parse(state.marks[mark] ?? '')
    for (const [id, at] of ends) if (at < since) ends.delete(id)
  }

  #ends({ client, flow, version }: FlowState, mark: string): Map<string, number> {
    const key = `${client}/${flow}/${mark}`
    const known = this.#known.get(key)
    if (known && known.version === version) return known.ends
    const ends = new Map<string, number>()
    this.#known.set(key, { version, ends })
    return ends
  }
}
