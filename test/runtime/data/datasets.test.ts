import fs, { readdirSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { sql } from '../../../nodes/lib/sql.ts'
import type { Sql } from '../../../nodes/node.ts'
import { DatasetStore } from '../../../runtime/data/datasets.ts'
import { PolkuError } from '../../../runtime/errors/errors.ts'
import { withDatabase } from '../database.ts'

const withStore = <T>(
  work: (
    store: DatasetStore,
    other: DatasetStore,
    folder: string,
    database: Parameters<Parameters<typeof withDatabase>[0]>[0],
  ) => Promise<T>,
) =>
  withDatabase((database, root) => {
    const make = () => new DatasetStore(join(root, '.polku', 'datasets'), database, join(root, '.polku', 'tmp'))
    return work(make(), make(), join(root, '.polku', 'datasets', 'contacts'), database)
  })

const rows = (...ids: readonly number[]): Sql =>
  sql`select unnest(${JSON.stringify(ids)}::json::integer[]) as customer_id, 'letter' as channel order by 1`
const june = { key: 'june', asOf: '2026-06-01' }
const july = { key: 'july', asOf: '2026-07-01' }

const refusal = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => expect.fail('it was accepted'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof PolkuError)) throw error
  return error
}

describe('a snapshot', () => {
  test('is appended once, however often', () =>
    withStore(async (store, other, folder) => {
      expect(await store.append('contacts', rows(1, 2, 3), june)).toEqual({ snapshot: 1, added: true, rows: 3 })
      for (const again of [store, other])
        expect(await again.append('contacts', rows(1, 2, 3), june)).toEqual({ snapshot: 1, added: false, rows: 3 })
      expect(await store.append('contacts', rows(3, 2, 1), june)).toMatchObject({ added: false })
      expect(await store.append('contacts', rows(9), july)).toEqual({ snapshot: 2, added: true, rows: 1 })
      expect(readdirSync(folder)).toHaveLength(4)
      expect(readdirSync(join(folder, '..', '..', 'tmp'))).toEqual([])
    }))

  test('of another key with the same rows is another one', () =>
    withStore(async (store) => {
      await store.append('contacts', rows(1), june)
      expect(await store.append('contacts', rows(1), july)).toEqual({ snapshot: 2, added: true, rows: 1 })
      expect(store.snapshots('contacts').map(({ key }) => key)).toEqual(['june', 'july'])
    }))

  test('is never rewritten', () =>
    withStore(async (store) => {
      await store.append('contacts', rows(1, 2, 2), june)
      for (const changed of [rows(1, 2), rows(1, 1, 2), rows(1, 2, 3), rows()]) {
        const error = await refusal(store.append('contacts', changed, june))
        expect(error.code).toBe('DATASET_KEY_TAKEN')
        expect(error.message).toContain('already holds june with other content (3 rows then')
      }
      expect(store.snapshots('contacts')).toHaveLength(1)
    }))

  test('has the columns of those before it', () =>
    withStore(async (store) => {
      await store.append('contacts', rows(1), june)
      const error = await refusal(store.append('contacts', sql`select 1::bigint as customer_id, 'x' as channel`, july))
      expect(error.code).toBe('DATASET_SCHEMA')
      expect(error.toProblem().expected).toContain('customer_id INTEGER, channel VARCHAR')
    }))

  test('of no row counts', () =>
    withStore(async (store) => {
      expect(await store.append('contacts', rows(), june)).toMatchObject({ added: true, rows: 0 })
      expect(await store.append('contacts', rows(), june)).toMatchObject({ added: false, rows: 0 })
    }))
})

describe('reading', () => {
  test('gives what was known on a day', () =>
    withStore(async (store, _, __, database) => {
      await store.append('contacts', rows(1, 2), june)
      await store.append('contacts', rows(3), july)
      const keysAsOf = async (asOf: string) => {
        const table = await store.read('contacts', asOf)
        return (
          table && (await database.rows(sql`select customer_id from ${table} order by 1`)).map((row) => row.customer_id)
        )
      }
      expect(await keysAsOf('2026-05-31')).toEqual([])
      expect(await keysAsOf('2026-06-01')).toEqual([1, 2])
      expect(await keysAsOf('2026-08-01')).toEqual([1, 2, 3])
      expect(await store.read('nothing', '2026-08-01')).toBeUndefined()
    }))

  test('an absent dataset is an error with the nearest name', () =>
    withStore(async (store) => {
      await store.append('contacts', rows(1), june)
      expect(() => store.require('contakts')).toThrow(
        expect.objectContaining({
          code: 'DATASET_UNKNOWN',
          values: expect.objectContaining({ nearest: 'Did you mean contacts?' }),
        }),
      )
      expect(() => store.require('contacts')).not.toThrow()
    }))

  test('passes over what a killed process left', () =>
    withStore(async (store, _, folder) => {
      await store.append('contacts', rows(1), june)
      writeFileSync(join(folder, 'abc.parquet'), 'half')
      expect(store.snapshots('contacts')).toHaveLength(1)
    }))
})

describe('two at once', () => {
  const link = fs.linkSync
  /** Lets `first` happen just before this process would commit its manifest. */
  const before = (first: () => void) => {
    let once = false
    fs.linkSync = (...paths) => {
      if (!once) {
        once = true
        first()
      }
      link(...paths)
    }
    syncBuiltinESMExports()
  }
  afterEach(() => {
    fs.linkSync = link
    syncBuiltinESMExports()
  })
  /** A competitor’s commit of what `store` has just written: its file is there, and the manifest is taken. */
  const commit = (folder: string, manifest: Record<string, unknown>) =>
    writeFileSync(
      join(folder, '000001.json'),
      JSON.stringify({ snapshot: 1, asOf: '2026-06-01', columns, ...manifest }),
    )
  const columns = [
    { name: 'customer_id', type: 'INTEGER' },
    { name: 'channel', type: 'VARCHAR' },
  ]

  test('with the same snapshot add one', () =>
    withStore(async (store, _, folder) => {
      before(() => {
        const [file = ''] = readdirSync(folder).filter((name) => name.endsWith('.parquet'))
        commit(folder, { key: 'june', rows: 2, file })
      })
      expect(await store.append('contacts', rows(1, 2), june)).toEqual({ snapshot: 1, added: false, rows: 2 })
    }))

  test('with the same key and other rows: the second is refused', () =>
    withStore(async (store, other, folder, database) => {
      await other.append('other', rows(7, 8), june)
      const [file = ''] = readdirSync(join(folder, '..', 'other')).filter((name) => name.endsWith('.parquet'))
      before(() => {
        fs.copyFileSync(join(folder, '..', 'other', file), join(folder, file))
        commit(folder, { key: 'june', rows: 2, file })
      })
      expect((await refusal(store.append('contacts', rows(1, 2), june))).code).toBe('DATASET_KEY_TAKEN')
      expect(database).toBeDefined()
    }))

  test('with other keys add both', () =>
    withStore(async (store, other, folder) => {
      await other.append('other', rows(7, 8), june)
      const [file = ''] = readdirSync(join(folder, '..', 'other')).filter((name) => name.endsWith('.parquet'))
      before(() => {
        fs.copyFileSync(join(folder, '..', 'other', file), join(folder, file))
        commit(folder, { key: 'may', rows: 2, file })
      })
      expect(await store.append('contacts', rows(1, 2), june)).toEqual({ snapshot: 2, added: true, rows: 2 })
      expect(store.snapshots('contacts').map(({ key }) => key)).toEqual(['may', 'june'])
    }))

  test('in one process each add theirs', () =>
    withStore(async (store, other) => {
      const keys = ['a', 'b', 'c', 'd', 'e', 'f']
      const added = await Promise.all(
        keys.flatMap((key, index) =>
          [store, other].map((each) => each.append('contacts', rows(index), { key, asOf: '2026-06-01' })),
        ),
      )
      expect(added.filter((one) => one.added)).toHaveLength(keys.length)
      expect(
        store
          .snapshots('contacts')
          .map(({ key }) => key)
          .sort(),
      ).toEqual(keys)
    }))
})
