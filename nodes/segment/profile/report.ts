import type { RunContext } from '../../node.ts'
import type { Counts } from './classes.ts'
import type { Profiled, ProfiledClass } from './compare.ts'

type Named = ProfiledClass & { readonly name: string }

const percent = (share: number): number => Number((share * 100).toFixed(1))
const pText = ({ p }: Profiled['test']): string => (p < 0.001 ? '< 0.001' : p.toFixed(3))

/** What is typical of the group, what is rare in it, and how sure that is. */
export function profileFindings(
  profiles: readonly Profiled[],
  { group, comparison, others }: Counts,
  context: RunContext,
): void {
  context.metric({ name: 'group', label: 'In the group', value: group, unit: 'count' })
  context.metric({
    name: 'group_share',
    label: 'Share of those compared',
    value: group / (group + others),
    unit: 'share',
  })
  context.note(
    `The group (${group}) is compared with ${comparison} customers. An index of 100 means as common as among those; 200 twice as common. ` +
      'Marks: + and − differ at the 5 % level, ++ and −− at the 0.1 % level (adjusted residuals, Haberman 1973). With many classes some marks come by chance.',
  )
  const ranked = [...profiles].sort((left, right) => right.test.cramersV - left.test.cramersV)
  context.table({
    title: 'What sets the group apart most',
    columns: ['column', 'χ²', 'df', 'p', 'Cramér’s V'],
    rows: ranked.map(({ name, test }) => [
      name,
      Number(test.chiSquare.toFixed(2)),
      test.df,
      pText(test),
      Number(test.cramersV.toFixed(3)),
    ]),
    note: 'Pearson’s χ² of the group against the others, without continuity correction.',
  })
  for (const { name, test } of profiles)
    if (test.sparse) context.warn(`${name} has classes with few customers: its p-value is rough.`)
  const classes = profiles.flatMap(({ name, classes: rows }): Named[] => rows.map((row) => ({ name, ...row })))
  const marked = classes.filter((one) => one.mark !== '' && one.index !== null)
  const order = [...marked].sort((left, right) => (right.index ?? 0) - (left.index ?? 0))
  const top = order.filter((one) => (one.index ?? 0) > 100).slice(0, 10)
  const bottom = order.filter((one) => (one.index ?? 0) < 100).slice(-10)
  indexFigure([...top, ...bottom], context)
  classTable('Most typical of the group', top, context)
  classTable('Rarest in the group', [...bottom].reverse(), context)
}

function indexFigure(classes: readonly Named[], context: RunContext): void {
  if (classes.length === 0) {
    context.note('No class differs from the others at the 5 % level.')
    return
  }
  const ascending = [...classes].reverse()
  const most = Math.max(100, ...ascending.map(({ index }) => index ?? 0))
  context.figure({
    title: 'Typical and rare classes',
    description:
      'The index of the classes that differ most: bars beyond 100 are more common in the group than elsewhere.',
    data: [
      {
        type: 'bar',
        orientation: 'h',
        y: ascending.map(({ name, label }) => `${name}: ${label}`),
        x: ascending.map(({ index }) => (index ?? 100) - 100),
        base: 100,
        text: ascending.map(({ index, mark }) => `${Math.round(index ?? 0)} ${mark}`),
        hovertemplate: '%{y}: index %{text}<extra></extra>',
        marker: { color: ascending.map(({ index }) => ((index ?? 100) >= 100 ? '#0072b2' : '#d55e00')) },
      },
    ],
    layout: {
      // Room for the numbers beside the bars, those of rare classes too.
      xaxis: { title: { text: 'Index, 100 is as common as in the comparison' }, range: [-0.16 * most, 1.12 * most] },
      yaxis: { automargin: true },
      height: 120 + ascending.length * 26,
    },
  })
}

function classTable(title: string, classes: readonly Named[], context: RunContext): void {
  if (classes.length === 0) return
  context.table({
    title,
    columns: ['column', 'class', 'in the group', 'group %', 'comparison %', 'index', 'mark'],
    rows: classes.map((one) => [
      one.name,
      one.label,
      one.group,
      percent(one.groupShare),
      percent(one.comparisonShare),
      Math.round(one.index ?? 0),
      one.mark,
    ]),
  })
}
