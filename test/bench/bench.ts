import { parseArgs } from 'node:util'
import { benchFlowCommand } from './flow/command.ts'

// npm run bench -- NAME [options]: measures one thing and prints a table. There is one so far: flow.
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    customers: { type: 'string', default: '200000' },
    orders: { type: 'string', default: '5000000' },
    repeat: { type: 'string', default: '3' },
    dir: { type: 'string' },
  },
})
const count = (name: 'customers' | 'orders' | 'repeat'): number => {
  const value = Number(values[name])
  if (Number.isInteger(value) && value > 0) return value
  console.error(`--${name} is ${values[name]}. Needed: a whole number of at least 1.`)
  process.exit(2)
}

if (positionals.length !== 1 || positionals[0] !== 'flow') {
  console.error('Usage: npm run bench -- flow [--customers 200000] [--orders 5000000] [--repeat 3] [--dir FOLDER]')
  process.exit(2)
}
await benchFlowCommand({
  size: { customers: count('customers'), orders: count('orders') },
  repeat: count('repeat'),
  folder: values.dir,
})
