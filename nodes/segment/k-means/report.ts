import type { Clustering } from '../../lib/kmeans.ts'
import type { ChosenClustering } from '../../lib/silhouette.ts'
import { id, join, sql } from '../../lib/sql.ts'
import type { RunContext, Table } from '../../node.ts'

/** How many segments there are, how well they are apart, and what was tried. */
export function choiceFindings(
  clustering: Clustering,
  candidates: ChosenClustering['candidates'],
  context: RunContext,
): void {
  const chosen = candidates.find((candidate) => candidate.k === clustering.k)
  context.metric({ name: 'segments', label: 'Segments', value: clustering.k, unit: 'count' })
  context.metric({
    name: 'silhouette',
    label: 'Silhouette',
    value: chosen?.silhouette ?? null,
    unit: 'score',
    note: 'Mean over customers, −1 to 1 (Rousseeuw 1987); on a sample of 2,000 where there are more',
  })
  context.metric({ name: 'inertia', label: 'Inertia', value: clustering.inertia, unit: 'number' })
  context.note(
    'Numbers are compared as z-scores, so that each counts alike whatever its unit. Segments are numbered by size.',
  )
  if (candidates.length < 2) return
  context.figure({
    title: 'How well different numbers of segments are apart',
    description: `The mean silhouette by number of segments; ${clustering.k} is highest and was chosen.`,
    data: [{ type: 'bar', x: candidates.map(({ k }) => k), y: candidates.map((candidate) => candidate.silhouette) }],
    layout: { xaxis: { title: { text: 'Segments' }, dtick: 1 }, yaxis: { title: { text: 'Mean silhouette' } } },
  })
}

/** The centres in their own units, and how many standard deviations each lies from the mean of all. */
export async function centroidFindings(
  customers: Table,
  centroids: Table,
  names: readonly string[],
  name: string,
  context: RunContext,
): Promise<void> {
  const rows = await context.rows(sql`select * from ${centroids} order by 1`)
  context.table({
    title: 'Segments and their centres',
    columns: ['segment', 'customers', 'share %', ...names],
    rows: rows.map((row) => [
      Number(row[name]),
      Number(row.customers),
      round(Number(row.share) * 100),
      ...names.map((one) => round(Number(row[one]))),
    ]),
    note: 'Centres in original units; of a column taken in logarithms the centre is a geometric mean.',
  })
  const number = (one: string) => sql`cast(${id(one)} as double)`
  const aggregates = names.map(
    (one, index) => sql`avg(${number(one)}) as ${id(`m${index}`)}, stddev_pop(${number(one)}) as ${id(`s${index}`)}`,
  )
  const means = await context.rows(
    sql`select ${id(name)} as segment, ${join(aggregates)} from ${customers} where ${id(name)} is not null group by 1 order by 1`,
  )
  const [all] = await context.rows(sql`select ${join(aggregates)} from ${customers} where ${id(name)} is not null`)
  const deviation = (row: (typeof means)[number], index: number): number =>
    Number(all?.[`s${index}`]) > 0
      ? round((Number(row[`m${index}`]) - Number(all?.[`m${index}`])) / Number(all?.[`s${index}`]))
      : 0
  context.figure({
    title: 'What sets the segments apart',
    description:
      'For each segment, how many standard deviations its mean lies above or below the mean of all customers.',
    data: [
      {
        type: 'heatmap',
        x: names,
        y: means.map((row) => `Segment ${row.segment}`),
        z: means.map((row) => names.map((_, index) => deviation(row, index))),
        colorscale: 'RdBu',
        zmid: 0,
        hovertemplate: '%{y}, %{x}: %{z} standard deviations<extra></extra>',
      },
    ],
    layout: { yaxis: { autorange: 'reversed' } },
  })
  const [without] = await context.rows(sql`select count(*) as n from ${customers} where ${id(name)} is null`)
  if (Number(without?.n) > 0) context.warn(`${without?.n} customers lack one of the numbers and have no segment.`)
}

const round = (value: number): number => Number(value.toPrecision(4))
