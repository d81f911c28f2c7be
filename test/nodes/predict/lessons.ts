import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from '../../../nodes/lib/sql.ts'
import type { Sql } from '../../../nodes/node.ts'
import type { Bench, Tried } from '../one-node.ts'

/**
 * Made-up customers who do it or not by chance: `signal` raises the odds, `noise` says nothing, one kind does it more
 * often. `order` is how the rows lie, which must not matter.
 */
export const lesson = (rows: number, order = 'customer_id', from = 0): Sql => sql`
  select customer_id, signal, noise, kind,
    case when random_share < 1 / (1 + exp(1.2 - 1.5 * signal - case when kind = 'b' then 1 else 0 end)) then 'yes' else 'no' end as target
  from (select cast(i as integer) as customer_id,
      (hash(i * 7 + 1) % 100000) / 50000.0 - 1 as signal, (hash(i * 7 + 2) % 100000) / 50000.0 - 1 as noise,
      case when hash(i * 7 + 3) % 4 = 0 then 'b' else 'a' end as kind, (hash(i * 7 + 4) % 100000) / 100000.0 as random_share
    from range(${from}::bigint, ${from}::bigint + ${rows}::bigint) as given(i))
  order by ${order === 'customer_id' ? sql`customer_id` : sql`hash(customer_id)`}`

/** The content hashes of a step's outputs: equal to the last digit. */
export const hashes = ({ step }: Tried): string[] => step.outputs.map(({ name, hash }) => `${name} ${hash}`)

export const modelFile = (root: string, name: string, version: number): string =>
  join(root, 'models', name, String(version), 'model.json')

interface Stored {
  readonly parameters: {
    readonly intercept: number
    readonly coefficients: readonly number[]
    readonly layers: readonly { readonly kernel: readonly number[] }[]
  }
  readonly card: { readonly metrics: { readonly auc: number } }
}
/** The model `name` as predict/train wrote it. */
export const stored = (bench: Bench, name: string): Stored =>
  JSON.parse(readFileSync(modelFile(bench.root, name, 1), 'utf8')) as Stored // predict/train wrote it
