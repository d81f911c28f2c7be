import { parseArgs } from 'node:util'
import { benchFlowCommand } from './flow/command.ts'
import { benchNotebookCommand } from './notebook/command.ts'
import { benchServiceCommand } from './service/command.ts'

// npm run bench -- NAME [options]: measures one thing and prints what it found.
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    customers: { type: 'string', default: '200000' },
    orders: { type: 'string', default: '5000000' },
    repeat: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '60' },
    rate: { type: 'string', default: '2000' },
    runs: { type: 'string', default: '100000' },
    dir: { type: 'string' },
  },
})
const count = (name: 'customers' | 'orders' | 'repeat' | 'seconds' | 'rate' | 'runs'): number => {
  const value = Number(values[name])
  if (Number.isInteger(value) && value > 0) return value
  console.error(`--${name} is ${values[name]}. Needed: a whole number of at least 1.`)
  process.exit(2)
}

const [name] = positionals
if (positionals.length === 1 && name === 'flow')
  await benchFlowCommand({
    size: { customers: count('customers'), orders: count('orders') },
    repeat: count('repeat'),
    folder: values.dir,
  })
else if (positionals.length === 1 && name === 'notebook') await benchNotebookCommand({ repeat: count('repeat') })
else if (positionals.length === 1 && name === 'service')
  await benchServiceCommand({
    repeat: count('repeat'),
    seconds: count('seconds'),
    perMinute: count('rate'),
    pastRuns: count('runs'),
  })
else {
  console.error(`Usage:
  npm run bench -- flow [--customers 200000] [--orders 5000000] [--repeat 5] [--dir FOLDER]
  npm run bench -- notebook [--repeat 5]
  npm run bench -- service [--repeat 5] [--rate 2000] [--seconds 60] [--runs 100000]`)
  process.exit(2)
}
