import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What would run if a page took text for markup. */
const attack = (name: string): string => `<script>window.hacked="${name}"</script><img src=x onerror="hacked=1">`

const people = Array.from({ length: 60 }, (_, index) => {
  const left = index % 3 === 0
  const visits = (index % 7) + (left ? 0 : 4)
  return `c${index},${visits},${(index * 13) % 41},${left ? 'yes' : 'no'}`
})

/** An invented client whose names try to be markup, with a flow that trains a model and one that fails. */
export function writeHostileClient(folder: string): void {
  const files: Record<string, string> = {
    'client.yaml': `client: hostile\ntitle: ${JSON.stringify(`Oy ${attack('client')}`)}\ntimezone: Europe/Helsinki\n`,
    'data/people.csv': `customer_id,visits,bought,left_us\n${people.join('\n')}\n`,
    'data/odd.csv': `${JSON.stringify(attack('column')).replaceAll('\\"', '""')},n\na,1\nb,2\n`,
    'flows/train.yaml': `flow: train
title: ${JSON.stringify(`Who leaves ${attack('flow')}`)}
description: ${JSON.stringify(attack('description'))}
schedule: { cron: "0 6 * * MON" }
params:
  folds: { type: integer, default: 3, minimum: 2, maximum: 10, description: ${JSON.stringify(`Parts ${attack('hint')}`)} }
  method: { type: text, default: logistic, options: [logistic, network] }
steps:
  people: { uses: import/csv, title: ${JSON.stringify(attack('step'))}, with: { path: data/people.csv } }
  model:
    uses: predict/train
    from: people
    title: Who leaves
    with:
      name: churn
      customer: customer_id
      target: left_us
      positive: "yes"
      method: "\${params.method}"
      folds: "\${params.folds}"
      intendedUse: ${JSON.stringify(attack('card'))}
      limits: None known.
`,
    'flows/odd.yaml': `flow: odd
title: Odd columns
steps:
  odd: { uses: import/csv, with: { path: data/odd.csv } }
`,
    'flows/missing.yaml': `flow: missing
title: A file that is not there
params:
  path: { type: text, default: ${JSON.stringify(`data/${attack('problem').replaceAll('/', '')}.csv`)} }
steps:
  people: { uses: import/csv, with: { path: "\${params.path}" } }
`,
  }
  for (const [file, text] of Object.entries(files)) {
    const path = join(folder, 'hostile', file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
}
