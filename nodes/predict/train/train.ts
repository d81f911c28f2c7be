import { encode, type FeatureData, featureData, fitFeatures, totalWidth } from '../../lib/features.ts'
import { keyFaults } from '../../lib/keys.ts'
import { freeName } from '../../lib/names.ts'
import { id, join, sql } from '../../lib/sql.ts'
import {
  column,
  columns,
  defineNode,
  input,
  namePattern,
  type PlanContext,
  type RunContext,
  type Sql,
  settings,
  type Table,
  Type,
} from '../../node.ts'
import { cardOf } from './card.ts'
import { type FeatureColumns, featureColumns } from './columns.ts'
import { logistic } from './methods/logistic.ts'
import type { Method } from './methods/method.ts'
import { network, networkSettings } from './methods/network.ts'
import { modelFindings, validationFindings } from './report.ts'
import { crossValidate, fitOn, type Validation } from './validate.ts'

export default defineNode({
  title: 'Train a model',
  summary:
    'Learns from customers who did something and customers who did not to predict who will, and says how well it does.',
  inputs: { cases: input('Customers to learn from, one row each, with what is known of them and what they did') },
  params: settings({
    name: Type.String({
      pattern: `^${namePattern}$`,
      description: 'The model’s name: a flow uses it as model/NAME@VERSION',
    }),
    customer: column('cases', { default: 'customer_id', description: 'The customer' }),
    target: column('cases', { default: 'target', description: 'What they did' }),
    positive: Type.String({ minLength: 1, default: 'yes', description: 'The value of target that is predicted' }),
    method: Type.Enum(['logistic', 'network'], { default: 'logistic', description: 'How to learn' }),
    numeric: columns('cases', { type: 'number', default: [], description: 'Numbers to learn from' }),
    categorical: columns('cases', { default: [], description: 'Categories to learn from' }),
    exclude: columns('cases', {
      default: [],
      description:
        'Without numeric and categorical all columns are learnt from but these; name here what is known only afterwards',
    }),
    log: columns('cases', {
      type: 'number',
      default: [],
      description: 'Numbers to take ln(1 + value) of first: sums and counts with a long tail',
    }),
    minimumCount: Type.Integer({
      minimum: 1,
      default: 20,
      description: 'Categories with fewer customers are learnt as one',
    }),
    maximumLevels: Type.Integer({
      minimum: 1,
      maximum: 500,
      default: 50,
      description: 'Most common categories of a column; the rest are learnt as one',
    }),
    folds: Type.Integer({ minimum: 2, maximum: 20, default: 5, description: 'Parts of the cross-validation' }),
    balance: Type.Boolean({
      default: false,
      description: 'Whether both kinds of customers weigh alike in total; probabilities then are too high',
    }),
    l2: Type.Number({ minimum: 0, default: 1, description: 'Ridge penalty of the logistic regression' }),
    network: networkSettings,
    intendedUse: Type.String({ default: '', description: 'What the model is for, told on its card' }),
    limits: Type.String({ default: '', description: 'Where it must not be used, told on its card' }),
  }),
  outputs: {
    model: 'One row: the stored model’s name, version and kind, and the columns it needs',
    predictions: 'Every customer with what they did and the probability from a model that had not seen them',
    importance: 'How much worse the model ranks without each column',
  },
  metrics: {
    auc: 'Chance that who did it ranks before who did not, cross-validated',
    log_loss: 'Mean −ln probability of what happened',
    brier: 'Mean squared error of the probability',
    calibration_error: 'Mean distance of probability and observed share over ten bins',
    top_decile_lift: 'How many times more common it is among the tenth with the highest probability',
    cases: 'Customers learnt from',
    positives: 'Those who did it',
  },
  errors: {
    badKeys: '{actual} customers have no key or share it with another. Needs one row per customer.',
    oneClass:
      'The column {target} has {values}; {positive} is there {actual} times of {count}. A model needs both who did it and who did not.',
    tooFew:
      'Only {actual} customers are {positive}. Needs at least {folds}, one for each part of the cross-validation.',
    noColumns: 'There is no column to learn from: needs numbers or categories beside the key and the target.',
    targetLearnt: 'The column {actual} is both what is predicted and what is learnt from. Take it out of one.',
    columnTwice: 'The column {actual} is learnt from twice. Name it once, in numeric or in categorical.',
    logUnknown: 'The column {actual} is in log but is not one of the numbers that are learnt from.',
    keyName: 'The key is called {actual}, as a column of the predictions is. Rename it with enrich/derive.',
    positiveUnclear:
      'The column {target} is true or false, and positive is {positive}. Needs true or false, or a word for them such as yes or no.',
    allConstant: 'Every column to learn from is the same for all customers: {actual}.',
  },

  plan: ({ cases }, params, context) => {
    const chosen = featureColumns(cases, params)
    const all = [...chosen.numeric, ...chosen.categorical]
    if (all.length === 0) context.fail('noColumns')
    const twice = all.find((name, index) => all.indexOf(name) !== index)
    if (twice !== undefined) context.fail('columnTwice', { actual: twice })
    const stray = params.log.find((name) => !chosen.numeric.includes(name))
    if (stray !== undefined) context.fail('logUnknown', { actual: stray })
    if (all.includes(params.target)) context.fail('targetLearnt', { actual: params.target })
    if (['actual', 'probability', 'fold'].includes(params.customer.toLowerCase()))
      context.fail('keyName', { actual: params.customer })
    isCase(cases, params, context)
    return {
      model: sql`select cast('' as varchar) as name, cast(0 as integer) as version, cast('' as varchar) as kind, ${signature(chosen)} as signature`,
      predictions: sql`select ${id(params.customer)}, cast(false as boolean) as actual, cast(0 as double) as probability, cast(0 as integer) as fold from ${cases}`,
      importance: sql`select cast('' as varchar) as "column", cast(0 as double) as auc_drop`,
    }
  },

  run: async ({ cases }, params, context) => {
    const chosen = featureColumns(cases, params)
    const { ordered, data, labels } = await readCases(cases, chosen, params, context)
    const rows = Int32Array.from(labels.keys())
    const method: Method = params.method === 'logistic' ? logistic(params.l2) : network(params.network)
    const { log, minimumCount, maximumLevels, folds, balance } = params
    const options = { log, minimumCount, maximumLevels, folds, balance }
    if (fitFeatures(data, rows, options).features.length === 0)
      context.fail('allConstant', { actual: [...chosen.numeric, ...chosen.categorical].join(', ') })
    const validation = await crossValidate(data, labels, method, options, context)
    const quality = validationFindings(validation, labels, context)
    if (chosen.dates.length > 0)
      context.note(
        `Dates are not learnt from: ${chosen.dates.join(', ')}. Make numbers of them with enrich/derive, such as the days since then.`,
      )
    const { preprocessing, parameters } = await fitOn(data, labels, rows, method, options, context)
    modelFindings(
      { kind: method.kind, parameters, preprocessing, chosen, importance: validation.importance, labels },
      context,
    )
    const learnt = await method.predict(
      parameters,
      encode(preprocessing, data, rows),
      totalWidth(preprocessing),
      context,
    )
    const target = { column: params.target, positive: params.positive }
    const card = cardOf({ params, chosen, preprocessing, labels, quality, probabilities: learnt })
    const { version } = await context.models.publish(params.name, {
      kind: method.kind,
      target,
      preprocessing,
      parameters,
      card,
    })
    context.note(`Stored as ${params.name}@${version}.`)
    return {
      model: sql`select ${params.name} as name, ${version}::integer as version, ${method.kind} as kind, ${signature(chosen)} as signature`,
      predictions: await predictionTable(ordered, params.customer, labels, validation, context),
      importance: await importanceTable(validation.importance, context),
    }
  },
})

/** One structure of typed empty values: how a later step learns which columns the model needs, before there is a model. */
function signature({ numeric, categorical }: FeatureColumns): Sql {
  const typed = [
    ...numeric.map((name) => sql`${id(name)} := cast(null as double)`),
    ...categorical.map((name) => sql`${id(name)} := cast(null as varchar)`),
  ]
  return sql`struct_pack(${join(typed)})`
}

// An import may have made true and false of yes and no.
const yes = ['yes', 'true', '1', 'y', 'kyllä']
const no = ['no', 'false', '0', 'n', 'ei']

/** Whether a row is a case: the target's text is `positive`, or the target is true or false and `positive` a word for it. */
function isCase(cases: Table, { target, positive }: Pick<Settings, 'target' | 'positive'>, context: PlanContext): Sql {
  const type = cases.columns.find(({ name }) => name === target)?.type
  if (type !== 'BOOLEAN') return sql`cast(${id(target)} as varchar) = ${positive}`
  const word = positive.trim().toLowerCase()
  if (![...yes, ...no].includes(word)) context.fail('positiveUnclear', { target, positive })
  return sql`${id(target)} = ${yes.includes(word)}`
}

interface Cases {
  /** The cases with a known target, by key. */
  readonly ordered: Table
  readonly data: FeatureData
  /** 1 for who did it, in the order of `ordered`. */
  readonly labels: Float64Array
}

async function readCases(
  cases: Table,
  { numeric, categorical }: FeatureColumns,
  { customer, target, positive, folds }: Settings,
  context: RunContext,
): Promise<Cases> {
  const faults = await keyFaults(context, sql`select ${id(customer)} from ${cases}`)
  if (faults.missing + faults.repeated > 0) context.fail('badKeys', { actual: faults.missing + faults.repeated })
  // The order of rows decides folds and starts, so it must not depend on how the input happens to lie.
  const ordered = await context.store(
    sql`select * from ${cases} where ${id(target)} is not null order by ${id(customer)}`,
  )
  const [counts] = await context.rows(
    sql`select count(*) as n, (select count(*) from ${cases}) - count(*) as unknown from ${ordered}`,
  )
  if (Number(counts?.unknown) > 0) context.warn(`${counts?.unknown} customers without a ${target} were left out.`)
  const typed = [
    ...numeric.map((name) => sql`cast(${id(name)} as double) as ${id(name)}`),
    ...categorical.map((name) => sql`cast(${id(name)} as varchar) as ${id(name)}`),
  ]
  const labelName = freeName('is a case', [...numeric, ...categorical])
  const read = await context.read(
    sql`select ${isCase(ordered, { target, positive }, context)} as ${id(labelName)}, ${join(typed)} from ${ordered}`,
  )
  const labels = read[labelName] as Float64Array // a condition is read as numbers
  const positives = labels.reduce((sum, label) => sum + label, 0)
  if (positives === 0 || positives === labels.length) {
    const values = await context.rows(
      sql`select distinct left(cast(${id(target)} as varchar), 40) as value from ${ordered} order by 1 limit 10`,
    )
    context.fail('oneClass', {
      target,
      positive,
      values: values.map((row) => String(row.value)).join(', ') || 'no value',
      actual: positives,
      count: labels.length,
    })
  }
  const fewest = Math.min(positives, labels.length - positives)
  if (fewest < folds)
    context.fail('tooFew', { actual: fewest, positive: positives === fewest ? positive : `not ${positive}`, folds })
  if (fewest < 10 * folds) context.warn(`Only ${fewest} customers of the rarer kind: the figures below are rough.`)
  return { ordered, data: featureData(read, numeric, categorical), labels }
}

interface Settings {
  readonly customer: string
  readonly target: string
  readonly positive: string
  readonly folds: number
}

async function predictionTable(
  ordered: Table,
  customer: string,
  labels: Float64Array,
  { probabilities, folds }: Validation,
  context: RunContext,
): Promise<Sql> {
  const table = await context.write({
    actual: Int32Array.from(labels),
    probability: probabilities,
    fold: folds.map((fold) => fold + 1),
  })
  return sql`select keys.*, cast(actual as boolean) as actual, probability, fold
    from (select ${id(customer)} from ${ordered}) as keys positional join ${table}`
}

async function importanceTable(importance: Validation['importance'], context: RunContext): Promise<Sql> {
  const table = await context.write({
    column: importance.map(({ column: name }) => name),
    auc_drop: Float64Array.from(importance, ({ drop }) => drop),
  })
  return sql`select "column", auc_drop from ${table}`
}
