import { render, sql } from '../../../nodes/lib/sql.ts'
import type { Sql } from '../../../nodes/node.ts'
import type { Database } from '../../data/database.ts'
import { canonical, hashText } from '../../data/hash.ts'
import { engineVersion } from '../../step/engine-version.ts'

interface Part {
  readonly type?: string
  readonly class?: string
  readonly function_name?: string
  readonly table_name?: string
  readonly column_names?: readonly string[]
  readonly sample?: unknown
  readonly key?: string
}

/** What the parts of a query's tree name. */
interface Named {
  readonly functions: Set<string>
  readonly tables: Set<string>
  readonly withs: Set<string>
  /** Whether it has something that may give another result each time. */
  chance: boolean
}

/**
 * The key under which a query's result is stored: its text (in which the names of tables are hashes of their
 * contents) and values. Undefined where the result may be another one tomorrow: it reads a file, the clock or
 * chance, or is none of DuckDB's plain queries.
 */
export async function queryKey(database: Database, query: Sql): Promise<string | undefined> {
  const { text, values } = render(query)
  const [row] = await database.rows(sql`select json_serialize_sql(cast(${text} as varchar)) as tree`)
  const tree = JSON.parse(String(row?.tree)) as { error: boolean } // json_serialize_sql gives an object
  if (tree.error) return undefined
  const named: Named = { functions: new Set(), tables: new Set(), withs: new Set(), chance: false }
  visit(tree, named)
  if (named.chance) return undefined
  for (const table of named.tables) if (!/^table [0-9a-f]{32}$/.test(table) && !named.withs.has(table)) return undefined
  const changing = await changingFunctions(database)
  for (const name of named.functions) if (changing.has(name)) return undefined
  const numbered = values.map((value) => (typeof value === 'bigint' ? `${value}n` : value))
  const ingredients = { query: text, values: numbered, engine: engineVersion() }
  return hashText(canonical(ingredients)).slice(0, 40)
}

const tableFunctions = /^(range|generate_series|unnest|generate_subscripts)$/

function visit(value: unknown, named: Named): void {
  if (value === null || typeof value !== 'object') return
  if (!Array.isArray(value)) look(value as Part, named) // an object of the tree; every field is optional
  for (const [key, child] of Object.entries(value)) {
    // A query's common table expressions are a map.
    if (key === 'cte_map') for (const entry of entriesOf(child)) named.withs.add(entry)
    visit(child, named)
  }
}

const entriesOf = (map: unknown): string[] =>
  ((map as { map?: readonly Part[] } | null)?.map ?? []).flatMap(({ key }) => key ?? []) // the documented form of the map

function look(part: Part, named: Named): void {
  if (part.sample !== null && part.sample !== undefined) named.chance = true
  if (part.class === 'FUNCTION') named.functions.add((part.function_name ?? '').toLowerCase())
  if (part.type === 'BASE_TABLE') named.tables.add(part.table_name ?? '')
  // The clock is read without parentheses.
  if (part.class === 'COLUMN_REF' && part.column_names?.some((name) => /^(current|local)_?/i.test(name)))
    named.chance = true
}

const changingOf = new WeakMap<Database, ReadonlySet<string>>()

/** Functions that read the clock, chance, the session or a file. */
async function changingFunctions(database: Database): Promise<ReadonlySet<string>> {
  // What is cached is the answer, not the asking: an interrupt may stop that, and the next query asks again.
  const names = changingOf.get(database) ?? (await loadChanging(database))
  changingOf.set(database, names)
  return names
}

async function loadChanging(database: Database): Promise<ReadonlySet<string>> {
  const rows = await database.rows(sql`
    select distinct lower(function_name) as name, function_type as kind from duckdb_functions()
    where stability is distinct from 'CONSISTENT'`)
  return new Set([
    'age', // of one date, to the day on which it runs
    ...rows.flatMap(({ name, kind }) =>
      String(kind).startsWith('table') && tableFunctions.test(String(name)) ? [] : [String(name)],
    ),
  ])
}
