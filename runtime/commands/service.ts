import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ServeOptions } from './serve.ts'

const wholeNumber = (text: string): number => {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 0) throw new InvalidArgumentError('Not a whole number.')
  return number
}

const gigabytes = (text: string): number => {
  const number = Number(text)
  if (!(number >= 0.25)) throw new InvalidArgumentError('Not a number of gigabytes from 0.25.')
  return number
}

// From the environment, because an address holds a password; it is not shown by --help either.
const database = (description: string) => new Option('--database <url>', description).env('POLKU_DATABASE')

const shared = (command: Command): Command =>
  command
    .requiredOption('--workspaces <dir>', 'the folder of the clients’ workspaces')
    .option('--slots <n>', 'how many runs at once', wholeNumber, 2)
    .option('--memory <GB>', 'what the process of a run may take', gigabytes, 2)

/** Adds the commands of the service. Its code is loaded only by them. */
export function serviceCommands(program: Command): void {
  shared(program.command('serve'))
    .description('serve many clients: flows on schedule, the API and the pages')
    .addOption(database('a PostgreSQL server instead of the embedded database'))
    .option('--host <address>', 'where to listen', '127.0.0.1')
    .option('--port <n>', 'the port', wholeNumber, 4400)
    .option('--no-worker', 'leave the runs to `polku worker`')
    .addOption(new Option('--url <address>', 'where browsers reach it, such as https://polku.example').env('POLKU_URL'))
    .addOption(
      new Option('--trust-proxy <addresses>', 'proxies whose X-Forwarded headers are taken').env('POLKU_TRUST_PROXY'),
    )
    .addOption(new Option('--openid <file>', 'a YAML file that says where people sign in').env('POLKU_OPENID'))
    .action(async (options: ServeOptions) => {
      const { serveWorkspaces } = await import('./serve.ts')
      await serveWorkspaces(options)
    })
  shared(program.command('worker'))
    .description('do runs of a service whose database is a PostgreSQL server')
    .addOption(database('the service’s PostgreSQL server').makeOptionMandatory())
    .action(async (options: Omit<ServeOptions, 'worker'>) => {
      const { work } = await import('./serve.ts')
      await work({ ...options, worker: true })
    })
}
