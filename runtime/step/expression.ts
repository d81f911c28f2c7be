import { columnClass } from '../../nodes/lib/column-class.ts'
import { expr, sql } from '../../nodes/lib/sql.ts'
import type { Column, ColumnClass, Table } from '../../nodes/node.ts'
import { describeType, fits } from '../data/columns.ts'
import type { Database } from '../data/database.ts'
import { PolkuError } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'

/** A fault and where in the expression's text it stands (0 is its first character). */
export interface ExpressionFault {
  readonly error: PolkuError
  readonly offset?: number
}

// An expression is parsed without being run: json_serialize_sql gives its tree. Only classes that
// compute from the row at hand may occur in it.
const scalarClasses = new Set([
  'FUNCTION',
  'COLUMN_REF',
  'CONSTANT',
  'CASE',
  'CAST',
  'COMPARISON',
  'CONJUNCTION',
  'OPERATOR',
  'BETWEEN',
  'COLLATE',
  'LAMBDA',
  'LAMBDA_REF',
])
const classWords: Record<string, string> = {
  SUBQUERY: 'a subquery',
  WINDOW: 'a window function',
  STAR: 'a star',
  PARAMETER: 'a parameter mark',
}
// DuckDB's macros that are plain arithmetic; the others ask about the system or aggregate.
const macros =
  /^(round_even|roundbankers|fdiv|fmod|split_part|nullif|days_in_month|list_\w+|array_\w+|md5_number\w*|date_add|map_contains_\w+)$/
// What DuckDB calls a scalar function but which asks for the session, the clock, the catalogue or how a vector is stored.
const refused =
  /^(getvariable|getenv|current_setting|current_local.*|error|query|json_serialize_plan|vector_type|parse_duckdb_log.*|__internal.*|pg_.*|has_.*|write_.*|unnest)$/

interface TreeNode {
  readonly class?: string
  readonly query_location?: number
  readonly function_name?: string
  readonly column_names?: readonly string[]
  readonly children?: readonly unknown[]
  readonly lhs?: TreeNode
  readonly [key: string]: unknown
}

const prefix = 'select ('

/** Expressions that were found sound before, with the columns they are over. */
const soundExpressions = new WeakMap<Database, Set<string>>()
const mostSound = 5000

/**
 * Checks that `text` is one scalar expression over `table` that gives class `expected`. Gives its faults.
 * Nothing is run and no row is read.
 */
export async function expressionFaults(
  database: Database,
  text: string,
  table: Table & { readonly label: string },
  expected: ColumnClass,
): Promise<ExpressionFault[]> {
  const key = JSON.stringify([text, expected, table.columns.map(({ name, type }) => [name, type])])
  const sound = soundExpressions.get(database) ?? new Set()
  soundExpressions.set(database, sound)
  if (sound.has(key)) return []
  const label = text.length > 200 ? `${text.slice(0, 200)}…` : text
  const parsed = await parse(database, text)
  if ('error' in parsed) {
    const offset =
      parsed.position === undefined ? undefined : Math.min(Math.max(0, parsed.position - prefix.length), text.length)
    return [
      {
        error: new PolkuError('EXPRESSION_SYNTAX', { expression: label, reason: parsed.error, actual: label }),
        offset,
      },
    ]
  }
  const faults: ExpressionFault[] = []
  const functions = await scalarFunctions(database)
  const add = (
    code: 'EXPRESSION_NOT_SCALAR' | 'EXPRESSION_FUNCTION' | 'COLUMN_UNKNOWN',
    values: Record<string, string>,
    node: TreeNode,
  ) => {
    const location = node.query_location ?? 0
    const offset =
      location >= prefix.length && location < prefix.length + text.length ? location - prefix.length : undefined
    faults.push({ error: new PolkuError(code, { expression: label, ...values }), offset })
  }
  visit(parsed.tree, new Set(), (node, names) => inspect(node, names, table, functions, add))
  if (faults.length === 0) faults.push(...(await typeFaults(database, text, label, table, expected)))
  if (faults.length === 0 && sound.size < mostSound) sound.add(key)
  return faults
}

type Add = (
  code: 'EXPRESSION_NOT_SCALAR' | 'EXPRESSION_FUNCTION' | 'COLUMN_UNKNOWN',
  values: Record<string, string>,
  node: TreeNode,
) => void

function inspect(
  node: TreeNode,
  lambdaNames: ReadonlySet<string>,
  table: Table & { label: string },
  functions: ReadonlyMap<string, string>,
  add: Add,
): void {
  const kind = node.class ?? ''
  if (kind === 'COLUMN_REF') inspectColumn(node, lambdaNames, table, add)
  else if (kind === 'FUNCTION') inspectFunction(node, functions, add)
  else if (!scalarClasses.has(kind)) {
    const reason = classWords[kind] ?? kind.toLowerCase().replaceAll('_', ' ')
    add('EXPRESSION_NOT_SCALAR', { reason, actual: reason }, node)
  }
}

function inspectColumn(
  node: TreeNode,
  lambdaNames: ReadonlySet<string>,
  table: Table & { label: string },
  add: Add,
): void {
  const name = node.column_names?.[0] ?? ''
  const isColumn = table.columns.some((column) => column.name.toLowerCase() === name.toLowerCase())
  if (isColumn || lambdaNames.has(name.toLowerCase())) return
  const names = table.columns.map((column) => column.name)
  add(
    'COLUMN_UNKNOWN',
    { table: table.label, column: name, actual: name, nearest: nearest(name, names, 'column') },
    node,
  )
}

function inspectFunction(node: TreeNode, functions: ReadonlyMap<string, string>, add: Add): void {
  const name = (node.function_name ?? '').toLowerCase()
  // With one argument, age() counts to the day on which it runs.
  const kind = name === 'age' && (node.children?.length ?? 0) < 2 ? 'volatile' : functions.get(name)
  if (kind === 'scalar' && !refused.test(name)) return
  if (kind === 'macro' && macros.test(name)) return
  const scalars = [...functions].filter(([, type]) => type === 'scalar').map(([scalar]) => scalar)
  const reasons: Record<string, string> = {
    aggregate: ' (it is an aggregate over many rows)',
    volatile: ' (its value changes from run to run; the run’s date is ${run.asOf})',
  }
  add(
    'EXPRESSION_FUNCTION',
    {
      function: name,
      actual: name,
      reason: reasons[kind ?? ''] ?? '',
      nearest: expectedFunction(name, kind, scalars),
    },
    node,
  )
}

/** A misspelt function's nearest one, if it is near: nobody reads a list of five hundred. */
function expectedFunction(name: string, kind: string | undefined, scalars: readonly string[]): string {
  if (!/^\w+$/.test(name)) return 'An operator such as + - * / % || = <> < >= and, or, not.'
  const words = scalars.filter((scalar) => /^[a-z]\w*$/.test(scalar))
  const near = kind === undefined ? nearest(name, words, 'function') : ''
  return near.startsWith('Did you mean') ? near : 'A scalar function of the row’s own columns.'
}

/** Walks every expression of a tree with the lambda parameters in force. */
function visit(
  value: unknown,
  names: ReadonlySet<string>,
  see: (node: TreeNode, names: ReadonlySet<string>) => void,
): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, names, see)
    return
  }
  if (value === null || typeof value !== 'object') return
  const node = value as TreeNode // objects of the serialised tree; every field is optional
  let inner = names
  if (typeof node.class === 'string') {
    if (node.class === 'LAMBDA') inner = new Set([...names, ...lambdaParameters(node.lhs)])
    see(node, names)
  }
  for (const [key, child] of Object.entries(node))
    if (!(node.class === 'LAMBDA' && key === 'lhs')) visit(child, inner, see)
}

function lambdaParameters(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(lambdaParameters)
  if (node === null || typeof node !== 'object') return []
  const { class: kind, column_names: names } = node as TreeNode // see visit
  return kind === 'COLUMN_REF'
    ? (names ?? []).map((name) => name.toLowerCase())
    : Object.values(node).flatMap(lambdaParameters)
}

interface Serialised {
  readonly error: boolean
  readonly error_type?: string
  readonly error_message?: string
  readonly position?: string
  readonly statements?: readonly {
    readonly node: Record<string, unknown> & { select_list?: unknown[]; from_table?: { type?: string } }
  }[]
}

async function parse(
  database: Database,
  text: string,
): Promise<{ tree: unknown } | { error: string; position?: number }> {
  const several = { error: 'it is more than one expression.' }
  if (text.includes('\0')) return { error: 'it contains a NUL character.' }
  const statement = `${prefix}${text}\n) from input`
  const [row] = await database.rows(sql`select json_serialize_sql(cast(${statement} as varchar)) as tree`)
  const serialised = JSON.parse(String(row?.tree)) as Serialised // the documented shape of json_serialize_sql
  if (serialised.error) {
    if (serialised.error_type === 'not implemented') return several
    return {
      error: `${serialised.error_message ?? 'syntax error'}.`,
      position: serialised.position === undefined ? undefined : Number(serialised.position),
    }
  }
  const [select, ...others] = serialised.statements ?? []
  const node = select?.node
  const plain =
    node &&
    ['where_clause', 'having', 'qualify', 'sample'].every(
      (clause) => node[clause] === null || node[clause] === undefined,
    )
  if (!plain || others.length > 0 || node.select_list?.length !== 1 || node.from_table?.type !== 'BASE_TABLE')
    return several
  return { tree: node.select_list }
}

async function typeFaults(
  database: Database,
  text: string,
  label: string,
  table: Table & { label: string },
  expected: ColumnClass,
): Promise<ExpressionFault[]> {
  let result: readonly Column[]
  try {
    result = await database.describe(sql`select ${expr(text)} as value from ${table}`)
  } catch (error) {
    const [reason = ''] = String(error instanceof Error ? error.message : error).split('\n')
    return [
      {
        error: new PolkuError('EXPRESSION_BIND', {
          expression: label,
          table: table.label,
          reason: reason.replace(/^\w+ Error: /, ''),
          nearest: 'An expression whose functions and operators fit its columns’ types.',
          actual: label,
        }),
      },
    ]
  }
  const type = result[0]?.type ?? ''
  if (fits(type, expected) || type === '"NULL"') return []
  return [
    {
      error: new PolkuError('EXPRESSION_TYPE', {
        expression: label,
        type: describeType(type),
        right: expected === 'boolean' ? 'true or false' : `a ${expected}`,
        actual: columnClass(type),
      }),
    },
  ]
}

const functionTables = new WeakMap<Database, Promise<ReadonlyMap<string, string>>>()

/** Every function of DuckDB: name to scalar, macro, aggregate or volatile. */
function scalarFunctions(database: Database): Promise<ReadonlyMap<string, string>> {
  const cached = functionTables.get(database) ?? loadFunctions(database)
  functionTables.set(database, cached)
  return cached
}

async function loadFunctions(database: Database): Promise<ReadonlyMap<string, string>> {
  // A name that is several things counts as the first of the alphabet: an aggregate that is also scalar
  // stays refused, a scalar function that is also a table function is scalar where it is used so.
  const rows = await database.rows(sql`
    select lower(function_name) as name,
      min(case when function_type = 'aggregate' then 'aggregate'
               when function_type = 'scalar' and stability = 'CONSISTENT' then 'scalar'
               when function_type = 'scalar' then 'volatile'
               when function_type = 'macro' then 'macro' else 'table' end) as kind
    from duckdb_functions() group by 1`)
  return new Map(rows.map((row) => [String(row.name), String(row.kind)]))
}
