import { LRUCache } from 'lru-cache'
import type { Sql } from '../../../../nodes/node.ts'
import type { Workspace } from '../../../data/workspace.ts'
import { AtMost } from '../../http/limits.ts'
import { type Rows, TableReader } from './reader.ts'

const mostOpen = 8
const looksAtOnce = 4

/** Looks into the tables of all clients, each with a reader that is confined to the client's folder. */
export class TableReaders {
  readonly #open = new LRUCache<string, TableReader>({
    max: mostOpen,
    dispose: (reader, _, reason) => {
      if (reason === 'evict') void reader.close()
    },
  })
  readonly #looks = new AtMost(looksAtOnce)

  /** All rows of a small result over files of the client's folder. Throws TABLE_SLOW, TOO_MANY_REQUESTS. */
  rows({ root }: Workspace, query: Sql): Promise<Rows> {
    return this.#looks.run(() => this.#readerOf(root).rows(query))
  }

  #readerOf(root: string): TableReader {
    const reader = this.#open.get(root) ?? new TableReader(root)
    this.#open.set(root, reader)
    return reader
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((reader) => reader.close()))
    this.#open.clear()
  }
}
