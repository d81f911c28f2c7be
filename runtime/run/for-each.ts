import { randomBytes } from 'node:crypto'
import { Type } from 'typebox'
import { id, join as joinSql, sql } from '../../nodes/lib/sql.ts'
import type { Column, NodeDefinition, Row, RunContext, Sql, Table } from '../../nodes/node.ts'
import type { CatalogueNode } from '../catalogue/catalogue.ts'
import { sameColumns } from '../data/columns.ts'
import { hashText } from '../data/hash.ts'
import type { Workspace } from '../data/workspace.ts'
import { PolkuError } from '../errors/errors.ts'
import type { ProblemRecord } from '../errors/problem.ts'
import type { FlowUse } from '../flow/flow-use.ts'
import { resolveParams } from '../flow/params.ts'
import type { ReadFlow } from '../flow/read-flow.ts'
import { RunFolder } from './folder.ts'
import { fillItem, needlessColumn, unknownColumn } from './item.ts'

const most = 10_000

/** The flow that is run for each item. */
export interface ChildFlow extends ReadFlow {
  readonly file: string
  readonly text: string
}

interface ForEach {
  readonly use: FlowUse
  readonly child: ChildFlow
  /** Of the output that is gathered, where one is. */
  readonly gathered: readonly Column[] | undefined
  readonly workspace: Workspace
  readonly start: StartChildren
}

const runColumns: readonly Column[] = [
  { name: 'number', type: 'INTEGER' },
  { name: 'item', type: 'VARCHAR' },
  { name: 'run', type: 'VARCHAR' },
  { name: 'status', type: 'VARCHAR' },
  { name: 'problem', type: 'VARCHAR' },
]

/** No rows of these columns. */
const none = (columns: readonly Column[]): Sql =>
  sql`select ${joinSql(columns.map(({ name, type }) => sql`cast(null as ${{ strings: [type], values: [] }}) as ${id(name)}`))} where false`

/** The node that runs a flow for each item and gathers what the runs give. */
export function forEachNode(each: ForEach): CatalogueNode {
  const { use, child, gathered } = each
  const outputs = {
    runs: 'One row per run with its item, how it ended, and what was wrong',
    ...(gathered && { gathered: `The rows of ${use.gather} of all runs that were done, in the order of the items` }),
  }
  const definition: NodeDefinition = {
    title: child.flow.title ?? use.flow,
    summary: `Runs the flow ${use.flow} for each of several items.`,
    inputs: use.items === undefined ? { items: { description: 'The rows that it is run for' } } : {},
    params: Type.Object(
      { params: Type.Record(Type.String(), Type.Unknown()), items: Type.Optional(Type.Array(Type.Unknown())) },
      { additionalProperties: false },
    ),
    outputs,
    metrics: { runs: 'How many runs there were', failed: 'How many of them were not done' },
    effect: true,
    plan({ items }) {
      const unknown = items ? unknownColumn(use.with, items) : needlessColumn(use.with)
      if (unknown) throw unknown
      return { runs: none(runColumns), ...(gathered && { gathered: none(gathered) }) }
    },
    run: ({ items }, _, context) => run(each, items, context),
  }
  // Runs are new ones each time, and so is what is stored of them.
  const code = `${hashText(child.text).slice(0, 16)}-${randomBytes(4).toString('hex')}`
  return { name: `flow/${use.flow}`, file: child.file, definition, code }
}

async function run(each: ForEach, table: Table | undefined, context: RunContext): Promise<Record<string, Sql>> {
  const { use, gathered, start } = each
  const items: readonly (string | Row)[] = table
    ? await context.rows(sql`select * from ${table} limit ${most + 1}`)
    : (use.items ?? [])
  if (items.length > most) throw new PolkuError('FOR_EACH_MANY', { most, actual: items.length })
  const requests = items.map((item) => ({ flow: use.flow, params: paramsOf(each, item) }))
  const { signal, progress } = context
  const results = requests.length > 0 ? await start(use.step, requests, { signal, onProgress: progress }) : []
  const failed = results.filter(({ status }) => status !== 'done')
  context.metric({ name: 'runs', label: 'Runs', value: results.length, unit: 'count' })
  context.metric({ name: 'failed', label: 'Not done', value: failed.length, unit: 'count' })
  const [first] = failed
  if (first && use.onFailure === 'stop')
    throw new PolkuError('FOR_EACH_FAILED', {
      failed: failed.length,
      count: results.length,
      flow: use.flow,
      run: first.run,
      reason: first.problem?.message ?? first.status,
      actual: first.run,
    })
  const runs = await context.write({
    number: Int32Array.from(results.keys(), (index) => index + 1),
    item: items.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))),
    run: results.map(({ run: name }) => name),
    status: results.map(({ status }) => status),
    problem: results.map(({ problem }) => problem?.message ?? null),
  })
  const all = { runs: sql`select * from ${runs} order by number` }
  return gathered ? { ...all, gathered: gather(each, gathered, results) } : all
}

/** What an item gives to the flow, proved to be right. Throws the first fault of the parameters. */
function paramsOf({ use, child }: ForEach, item: string | Row): Record<string, unknown> {
  const params = fillItem(use.with, item)
  const errors: PolkuError[] = []
  resolveParams(child.flow, child.source, params, errors)
  if (errors[0]) throw errors[0]
  return params
}

/** The rows that the runs which were done gave. Throws GATHER_COLUMNS where one has others than it shall. */
function gather({ use, workspace }: ForEach, columns: readonly Column[], results: readonly ChildResult[]): Sql {
  const [step = '', output] = (use.gather ?? '').split('.')
  const files = results
    .filter(({ status }) => status === 'done')
    .map(({ run: name }) => {
      const outputs = new RunFolder(workspace, name).record?.steps.find((each) => each.name === step)?.outputs ?? []
      const table = output === undefined ? outputs[0] : outputs.find((each) => each.name === output)
      if (!table || !sameColumns(table.columns, columns)) {
        const words = (list: readonly Column[]) => list.map((column) => `${column.name} ${column.type}`).join(', ')
        const values = { run: name, gather: use.gather, actual: words(table?.columns ?? []), right: words(columns) }
        throw new PolkuError('GATHER_COLUMNS', values)
      }
      return workspace.internal(...table.path.split('/').slice(1))
    })
  if (files.length === 0) return none(columns)
  const names = joinSql(columns.map(({ name }) => id(name)))
  return sql`select ${names} from read_parquet([${joinSql(files.map((file) => sql`${file}`))}])`
}

/** A run that a step asks for. */
export interface ChildRequest {
  readonly flow: string
  readonly params: Readonly<Record<string, unknown>>
}

/** How it ended. */
export interface ChildResult {
  readonly run: string
  readonly status: string
  readonly problem?: ProblemRecord
}

/**
 * Has runs done for a step, and gives how each ended, in order. Asked again by the same run for the same step it gives
 * the same runs. Throws Parked where somebody else goes on once they have ended.
 */
export type StartChildren = (
  step: string,
  requests: readonly ChildRequest[],
  context: { readonly signal: AbortSignal; readonly onProgress: (share: number) => void },
) => Promise<readonly ChildResult[]>

/** Thrown where a run leaves off until the runs it has asked for have ended. */
export class Parked extends Error {}
