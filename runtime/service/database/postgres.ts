import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { PolkuError } from '../../errors/errors.ts'
import { bossIn, isOneStatement, type Queries, type ServiceDatabase } from './database.ts'

const reconnectAfter = 500
/** How long a connection and an answer may take before the server is taken to be away, in ms. */
const patience = { connectionTimeoutMillis: 10_000, query_timeout: 60_000 }

/** A PostgreSQL server. Throws DATABASE_UNREACHABLE where none answers; the address is never answerOf, it holds a password. */
export async function openPostgres(url: string): Promise<ServiceDatabase> {
  const pool = new pg.Pool({ connectionString: url, max: 10, keepAlive: true, ...patience })
  // An idle connection that is lost is replaced at the next statement.
  pool.on('error', () => {})
  const queries = inPool(pool)
  try {
    await queries.query('select 1')
  } catch (error) {
    await pool.end()
    throw error instanceof PolkuError ? error : unreachable(error)
  }
  return {
    ...queries,
    kind: 'postgres',
    boss: bossIn(queries),
    transaction: (work) => transaction(pool, work),
    listen: (channel, onNotification) => listen(url, channel, onNotification),
    // The server's autovacuum does it.
    tidy: () => Promise.resolve(),
    close: () => pool.end(),
  }
}

const inPool = (pool: pg.Pool | pg.PoolClient): Queries => ({
  async query<Row>(text: string, values: readonly unknown[] = []) {
    const result = await answerOf(ask(pool, text, values))
    return (Array.isArray(result) ? result.flatMap(({ rows }) => rows) : result.rows) as Row[] // the statement's own columns
  },
})

/** Several statements at once, as pg-boss writes its tables, give a list of results. */
const ask = (
  pool: pg.Pool | pg.PoolClient,
  text: string,
  values: readonly unknown[],
): Promise<pg.QueryResult | pg.QueryResult[]> =>
  values.length > 0 || isOneStatement(text)
    ? pool.query({ name: nameOf(text), text, values: [...values] })
    : pool.query(text)

// The classes of SQLSTATE: connection exceptions, and a server that ends, starts, or has no place for more.
const away = /^(08...|57P0[1-5]|53300|ECONN\w+|EPIPE|ENOENT|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined

/** The address is never answerOf: it holds a password. */
const unreachable = (error: unknown): PolkuError =>
  new PolkuError('DATABASE_UNREACHABLE', { reason: codeOf(error) ?? 'no connection' }, {}, error)

/** What asking gives. Throws DATABASE_UNREACHABLE where the server could not be asked or did not answer. */
async function answerOf<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    const isLost =
      error instanceof Error &&
      /^Connection terminated|^timeout exceeded|^Query read timeout|not queryable/.test(error.message)
    throw isLost || away.test(codeOf(error) ?? '') ? unreachable(error) : error
  }
}

const names = new Map<string, string>()
/** So many different statements are prepared on each connection at most. */
const mostNames = 300

/** Under its name a connection parses and plans a statement once; undefined for those that are too many. */
function nameOf(text: string): string | undefined {
  const prepared = names.get(text)
  if (prepared !== undefined || names.size >= mostNames) return prepared
  const name = `polku${names.size}`
  names.set(text, name)
  return name
}

async function transaction<T>(pool: pg.Pool, work: (queries: Queries) => Promise<T>): Promise<T> {
  const connection = await answerOf(pool.connect())
  let broken = false
  try {
    const queries = inPool(connection)
    await queries.query('begin')
    const result = await work(queries)
    await queries.query('commit')
    return result
  } catch (error) {
    await connection.query('rollback').catch(() => {
      broken = true
    })
    throw error
  } finally {
    connection.release(broken)
  }
}

/** Listens on a connection of its own, which is made again whenever it is lost. */
async function listen(
  url: string,
  channel: string,
  onNotification: (payload: string | undefined) => void,
): Promise<() => Promise<void>> {
  let ended = false
  let connection: pg.Client | undefined
  const connect = async (): Promise<void> => {
    const next = new pg.Client({ connectionString: url, keepAlive: true })
    next.on('notification', ({ payload }) => onNotification(payload ?? ''))
    next.on('error', () => {})
    let isOpen = false
    // One that could not be made is tried again by whoever tried.
    next.on('end', () => isOpen && void again())
    try {
      await next.connect()
      await next.query(`listen "${channel}"`)
    } catch (error) {
      await next.end().catch(() => {})
      throw error
    }
    isOpen = true
    connection = next
  }
  const again = async (): Promise<void> => {
    while (!ended)
      try {
        await wait(reconnectAfter)
        if (ended) return
        await connect()
        if (ended) await connection?.end()
        return onNotification(undefined)
      } catch {
        // The server is still away: the next attempt follows.
      }
  }
  await connect()
  return async () => {
    ended = true
    await connection?.end()
  }
}
