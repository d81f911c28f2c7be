import type { Column, NodeDefinition, PlanContext, RunContext, Sql, Table } from '../../nodes/node.ts'
import type { CatalogueNode } from '../catalogue/catalogue.ts'
import { ownNodesFolder } from '../catalogue/stack.ts'
import { storedColumns } from '../data/artifacts.ts'
import type { Database } from '../data/database.ts'
import { fill, PolkuError } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'
import { nodeFault, requireSeeded } from './node-fault.ts'

export type PlanServices = Pick<PlanContext, 'models' | 'datasets' | 'currency'> & {
  readonly database: Database
  readonly seed: number
}

/** What a node may ask while it is planned. */
export function planContext(
  { database, seed, currency, models, datasets }: PlanServices,
  node: CatalogueNode,
): PlanContext {
  return {
    seed,
    currency,
    models,
    datasets,
    describe: async (query) => database.describe(requireSeeded(node, query)),
    rows: async (query) => database.rows(requireSeeded(node, query)),
    fail: (name, values) => fail(node, name, values),
  }
}

/** Throws a node's own error. */
function fail(node: CatalogueNode, name: string, values: Record<string, string | number> = {}): never {
  const template = node.definition.errors?.[name]
  if (template === undefined)
    throw invalid(
      node,
      `it fails with ${name}, which it does not declare.`,
      nearest(name, Object.keys(node.definition.errors ?? {}), 'error of its own'),
    )
  throw new PolkuError('NODE_ERROR', {
    code: `${node.name}:${name}`,
    message: fill(template, values),
    ...('actual' in values ? { actual: values.actual } : {}),
    ...(node.definition.transient?.includes(name) ? { transient: 'yes' } : {}),
  })
}

const invalid = ({ name, file }: CatalogueNode, reason: string, right: string): PolkuError =>
  new PolkuError('NODE_INVALID', { node: name, reason, right }, ownNodesFolder(file) === undefined ? {} : { file })

const isSql = (answer: object): answer is Sql => typeof answer === 'object' && 'strings' in answer

/** A node's answer as a query per output name. Throws NODE_INVALID where it names an output it does not declare. */
export function outputQueries(node: CatalogueNode, answer: Sql | Partial<Record<string, Sql>>): Map<string, Sql> {
  const declared = Object.keys(node.definition.outputs)
  const right = `A query by sql, or one for each output: ${declared.join(', ')}.`
  if (typeof answer !== 'object' || answer === null) throw invalid(node, 'its run() gives no query.', right)
  // A bare query is the first output.
  if (isSql(answer)) return new Map([[declared[0] ?? '', requireSeeded(node, answer)]])
  const queries = new Map<string, Sql>()
  for (const [name, query] of Object.entries(answer as Record<string, Sql | undefined>)) {
    // the other case of the union
    if (!declared.includes(name))
      throw invalid(node, `it gives ${name}, which is none of its outputs.`, nearest(name, declared, 'output'))
    if (query && !isSql(query)) throw invalid(node, `what it gives for ${name} is no query.`, right)
    if (query) queries.set(name, requireSeeded(node, query))
  }
  for (const name of declared)
    if (!queries.has(name))
      throw invalid(node, `it gives no ${name}.`, `A query for each output: ${declared.join(', ')}.`)
  return queries
}

/**
 * The columns of each output, from empty input tables. Reads no row of them. Throws the node's own
 * errors, NODE_SQL and NODE_FAILED for a client's own node, or PLAN_FAILED with what DuckDB found wrong.
 */
export async function typeOutputs(
  node: CatalogueNode,
  inputs: Readonly<Record<string, Table>>,
  settings: Record<string, unknown>,
  services: PlanServices,
): Promise<Record<string, readonly Column[]>> {
  const context = planContext(services, node)
  const { definition }: { definition: NodeDefinition } = node
  try {
    // A node without `plan` composes SQL only; run takes the smaller context because it needs no more.
    const answer = await (definition.plan ?? definition.run)(inputs, settings, context as RunContext)
    const outputs: Record<string, readonly Column[]> = {}
    for (const [name, query] of outputQueries(node, answer))
      outputs[name] = storedColumns(await services.database.describe(query))
    return outputs
  } catch (error) {
    if (error instanceof PolkuError) throw error
    const fault = nodeFault(node, error, { isPlan: true })
    if (fault) throw fault
    const message = error instanceof Error ? error.message : String(error)
    if (
      !/^(Binder|Catalog|Parser|Conversion|Invalid Input|Not implemented|IO|Invalid Type|Permission) Error/i.test(
        message,
      )
    )
      throw error
    const [reason = '', ...rest] = message.split('\n').filter((line) => line.trim() !== '')
    throw new PolkuError(
      'PLAN_FAILED',
      {
        reason: reason.replace(/^[\w ]+ Error: /, ''),
        right:
          rest.find((line) => /Candidate|Did you mean/.test(line))?.trim() ??
          `What ${node.name} asks of its inputs; see \`polku nodes ${node.name}\`.`,
      },
      {},
      error,
    )
  }
}
