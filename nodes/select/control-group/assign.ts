import { sql } from '../../lib/sql.ts'
import type { Sql } from '../../node.ts'

// A customer's place between 0 and 1 is the SHA-256 of the campaign's name, the unit separator (character 31) and the
// customer's key, all as UTF-8: its first 13 hexadecimal digits (52 bits) divided by 2^52. It depends on no other
// customer, no order of rows, no seed and no machine, and anybody can compute it again.

const hashOf = (name: string): Sql => sql`sha256(${name} || chr(31) || key)`

const placeOf = (hash: Sql): Sql => sql`(cast('0x' || substr(${hash}, 1, 13) as ubigint) / 4503599627370496.0)`

export interface Assignment {
  readonly campaign: string
  /** The share of customers that are the control group; or `size`, how many. */
  readonly share?: number
  readonly size?: number
  /** A group that no campaign contacts. */
  readonly standing?: { readonly share: number; readonly salt: string }
}

/**
 * The customers of `keys` (a query of one column `key`) with their `campaign_group`. The standing group comes first,
 * by a hash of the customer alone: “standing”, the separator and the salt stand in the campaign's place, which no
 * campaign's name can equal because it holds no control characters. Of the others those are the control group whose
 * place is below `share`, or the `size` with the smallest hashes: only then a group depends on who else is there.
 */
export const assign = (keys: Sql, { campaign, share, size, standing }: Assignment): Sql => {
  const apart = standing
    ? sql`${placeOf(hashOf(`standing\u001f${standing.salt}`))} < ${standing.share}::double`
    : sql`false`
  const control =
    share === undefined
      ? sql`row_number() over (partition by standing order by hash, key) <= ${size ?? 0}`
      : sql`${placeOf(sql`hash`)} < ${share}::double`
  return sql`
    with hashed as (select key, ${hashOf(campaign)} as hash, ${apart} as standing from (${keys}))
    select key, case when standing then 'standing' when ${control} then 'control' else 'treated' end as campaign_group
    from hashed`
}
