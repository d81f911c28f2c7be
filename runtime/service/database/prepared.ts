import { type PGlite, protocol } from '@electric-sql/pglite'
import { LRUCache } from 'lru-cache'

/** How many prepared statements are cached; the one that was used longest ago makes room. */
const most = 300

interface Prepared {
  readonly name: string
  /** Object ids of types. */
  readonly params: readonly number[]
  readonly columns: readonly { readonly name: string; readonly type: number }[]
}

/**
 * Statements of an embedded database that are parsed once. PGlite itself parses and describes a statement whenever it
 * is asked, in six calls into PostgreSQL; one that is prepared takes a single call.
 */
export class PreparedStatements {
  readonly #pglite: PGlite
  readonly #cached = new LRUCache<string, Prepared>({ max: most })
  #count = 0

  constructor(pglite: PGlite) {
    this.#pglite = pglite
  }

  /** The rows of one statement. Nobody else may be in a transaction: the caller holds the database. */
  query<Row>(text: string, values: readonly unknown[]): Promise<Row[]> {
    return this.#pglite.runExclusive(async () => {
      const prepared = this.#cached.get(text) ?? (await this.#prepare(text))
      this.#cached.set(text, prepared)
      const { serialize } = protocol
      const messages = await this.#send(
        serialize.bind({
          statement: prepared.name,
          values: values.map((value, at) => this.#toText(value, prepared.params[at])),
        }),
        serialize.execute({}),
      )
      return this.#rows(messages, prepared) as Row[] // the statement's own columns
    })
  }

  async #prepare(text: string): Promise<Prepared> {
    const { serialize } = protocol
    this.#count += 1
    const name = `polku${this.#count}`
    const messages = await this.#send(serialize.parse({ name, text }), serialize.describe({ type: 'S', name }))
    const params: number[] = []
    const columns: { name: string; type: number }[] = []
    for (const message of messages) {
      if (message instanceof protocol.messages.ParameterDescriptionMessage) params.push(...message.dataTypeIDs)
      if (message instanceof protocol.messages.RowDescriptionMessage)
        columns.push(...message.fields.map((field) => ({ name: field.name, type: field.dataTypeID })))
    }
    const oldest = this.#cached.size >= most ? this.#cached.pop() : undefined
    if (oldest) await this.#send(serialize.close({ type: 'S', name: oldest.name }))
    return { name, params, columns }
  }

  /** Sends messages as one, and gives the answers. Throws the error that one of them is. */
  async #send(...messages: readonly Uint8Array[]) {
    const whole = Buffer.concat([...messages, protocol.serialize.sync()])
    return (await this.#pglite.execProtocol(whole, { syncToFs: false })).messages
  }

  #toText(value: unknown, type: number | undefined): string | Uint8Array | null {
    if (value === null || value === undefined) return null
    const serializer = type === undefined ? undefined : this.#pglite.serializers[type]
    return serializer ? serializer(value) : String(value)
  }

  #rows(messages: Awaited<ReturnType<PGlite['execProtocol']>>['messages'], { columns }: Prepared): unknown[] {
    const { parsers } = this.#pglite
    const rows: unknown[] = []
    for (const message of messages) {
      if (!(message instanceof protocol.messages.DataRowMessage)) continue
      const { fields } = message
      const cells = columns.map(({ name, type }, at) => {
        const text = fields[at] ?? null
        const parser = parsers[type]
        return [name, text === null || !parser ? text : parser(text, type)]
      })
      rows.push(Object.fromEntries(cells))
    }
    return rows
  }
}
