import { join } from 'node:path'
import { runCommand, textOf, wholeNumber } from './generator/command.ts'
import { generate } from './generator/files.ts'

const HELP = `Writes the example client's data: an invented electricity retailer and its customers.

  node generate.ts [--seed 1] [--customers 20000] [--as-of 2026-10-01] [--out DIR]

  --seed       another seed, another market; the same seed, the same bytes
  --customers  how many people have been customers in the last two years
  --as-of      everything in the files happened before this date
  --out        the folder to write into; data/ beside this file by default
`

await runCommand(['seed', 'customers', 'as-of', 'out'], HELP, (flags) => {
  const out = textOf(flags.out) ?? join(import.meta.dirname, 'data')
  const { files } = generate({
    out,
    seed: wholeNumber('seed', flags.seed),
    customers: wholeNumber('customers', flags.customers),
    asOf: textOf(flags['as-of']),
  })
  for (const { name, rows } of files) {
    process.stdout.write(`${name.padEnd(24)}${rows.toLocaleString('en-GB').padStart(10)} rows\n`)
  }
  process.stdout.write(`in ${out}\n`)
})
