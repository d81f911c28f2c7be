import { PolkuError } from '../../errors/errors.ts'
import type { SecretValues } from '../../step/secrets.ts'
import type { Queries } from '../database/database.ts'
import type { ServiceKeys } from './keys.ts'
import { keyedHash, keyOf, seal, unseal } from './seal.ts'

/** What is shown of a secret: never its value. */
export interface SecretRow {
  readonly name: string
  readonly changed_at: Date
  readonly changed_by: string
}

interface SealedRow {
  readonly name: string
  readonly key_id: string
  readonly sealed: Uint8Array
}

/** Clients' secrets, encrypted in the database with a key that is not in it. */
export class SecretStore {
  readonly #database: Queries
  readonly #keys: ServiceKeys

  constructor(database: Queries, keys: ServiceKeys) {
    this.#database = database
    this.#keys = keys
  }

  async put(
    queries: Queries,
    { client, name, value }: { readonly client: string; readonly name: string; readonly value: string },
    by: string,
    at: Date,
  ): Promise<SecretRow> {
    const [key] = this.#keys
    const [row] = await queries.query<SecretRow>(
      `insert into polku.secret (client, name, key_id, sealed, changed_at, changed_by) values ($1, $2, $3, $4, $5, $6)
      on conflict (client, name) do update set key_id = excluded.key_id, sealed = excluded.sealed,
        changed_at = excluded.changed_at, changed_by = excluded.changed_by
      returning name, changed_at, changed_by`,
      [client, name, key.id, seal(key, [client, name], value), at, by],
    )
    if (!row) throw new Error('The secret was not stored.')
    return row
  }

  /** Throws SECRET_UNKNOWN. */
  async remove(queries: Queries, client: string, name: string): Promise<void> {
    const [row] = await queries.query('delete from polku.secret where client = $1 and name = $2 returning name', [
      client,
      name,
    ])
    if (!row) throw new PolkuError('SECRET_NOT_THERE', { name, actual: name })
  }

  list(client: string): Promise<SecretRow[]> {
    return this.#database.query<SecretRow>(
      'select name, changed_at, changed_by from polku.secret where client = $1 order by name',
      [client],
    )
  }

  /** A client's secrets by name, for a run's process. Throws SECRET_KEY_WRONG. */
  async open(client: string): Promise<SecretValues> {
    const rows = await this.#database.query<SealedRow>(
      'select name, key_id, sealed from polku.secret where client = $1',
      [client],
    )
    return Object.fromEntries(
      rows.map(({ name, key_id: id, sealed }) => {
        const key = keyOf(this.#keys, id)
        const value = key && unseal(key, [client, name], Buffer.from(sealed))
        if (key === undefined || value === undefined)
          throw new PolkuError('SECRET_KEY_WRONG', { name, id, ids: this.#keys.map((one) => one.id).join(', ') })
        return [name, { value, fingerprint: keyedHash(key, [client, name], value) }]
      }),
    )
  }
}
