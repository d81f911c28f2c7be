import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { polkuVersion } from '../data/installation.ts'
import { asPolkuError, PolkuError, PolkuErrors } from '../errors/errors.ts'
import { printable } from '../errors/printable.ts'
import { toProblems } from '../errors/problems.ts'
import type { BackfillOptions } from './backfill.ts'
import type { CleanRequest } from './clean.ts'
import type { NotebookOptions } from './notebook.ts'
import { isUsage, printProblems } from './problems.ts'
import { serviceCommands } from './service.ts'

// Each command is loaded when it is asked for: half of a short command's time would be the loading of the others.

export const program = new Command('polku')
  .description('From customer data to measured action: check and run customer analytics flows.')
  .version(polkuVersion)
  .option('--workspace <dir>', 'the client’s folder', '.')
  .showHelpAfterError('(polku --help shows what there is)')
  .exitOverride()

const collect = (value: string, all: readonly string[]): string[] => [...all, value]
const param = () =>
  new Option('--param <name=value>', 'a parameter of the flow; may be repeated')
    .argParser(collect)
    .default([], 'the flow’s own values')
const asOf = () =>
  new Option('--as-of <date>', 'what is known before this date, such as 2026-10-01').default(undefined, 'today')
const json = () => new Option('--json', 'print one JSON object instead of text').default(false)
const positive = (text: string): number => {
  const number = Number(text)
  if (!(number > 0 && Number.isFinite(number))) throw new InvalidArgumentError('Not a number above 0.')
  return number
}
const workspace = (): string => program.opts<{ workspace: string }>().workspace

program
  .command('check')
  .description(
    'check a flow: names, settings, references, the columns of every step and the types of own nodes, without running it',
  )
  .argument('<flow>', 'a flow’s name or file')
  .addOption(param())
  .addOption(asOf())
  .addOption(json())
  .action(async (flow: string, options: { param: string[]; asOf?: string; json: boolean }) => {
    const { check } = await import('./flow.ts')
    await check(workspace(), flow, options)
  })

program
  .command('run')
  .description('check and run a flow; steps that were done before are kept')
  .argument('[flow]', 'a flow’s name or file')
  .addOption(param())
  .addOption(asOf())
  .addOption(json())
  .option('--from-step <step>', 'do this step and what follows from it anew, though their results are stored')
  .option('--resume <run>', 'go on with a run that died, with its parameters and date')
  .action(
    async (
      flow: string | undefined,
      options: { param: string[]; asOf?: string; json: boolean; fromStep?: string; resume?: string },
    ) => {
      const { run } = await import('./flow.ts')
      await run(workspace(), flow, options)
    },
  )

program
  .command('backfill')
  .description('run a flow for past dates, in order: those of its schedule, or each day')
  .argument('<flow>', 'a flow’s name or file')
  .requiredOption('--from <date>', 'the first date, such as 2026-10-01')
  .requiredOption('--to <date>', 'the last date')
  .option('--at-once <n>', 'how many dates may go on at once', Number, 1)
  .option('--keep-going', 'begin further dates although one has failed', false)
  .addOption(param())
  .addOption(json())
  .action(async (flow: string, options: BackfillOptions) => {
    const { backfill } = await import('./backfill.ts')
    await backfill(workspace(), flow, options)
  })

program
  .command('explain')
  .description('say for every step of a run why it was done or kept')
  .argument('<run>', 'a run’s id, a unique part of it, or latest')
  .addOption(json())
  .action(async (id: string, options: { json: boolean }) => {
    const { explain } = await import('./explain.ts')
    await explain(workspace(), id, options)
  })

program
  .command('nodes')
  .description('list the nodes, or show one with its inputs, settings and outputs')
  .argument('[name]', 'a node such as segment/rfm')
  .addOption(json())
  .action(async (name: string | undefined, options: { json: boolean }) => {
    const { describeNode, listNodes } = await import('./nodes.ts')
    await (name ? describeNode(workspace(), name, options) : listNodes(workspace(), options))
  })

program
  .command('schema')
  .description('write the JSON Schema by which editors complete and check the workspace’s flows')
  .action(async () => {
    const { schema } = await import('./schema.ts')
    await schema(workspace())
  })

program
  .command('types')
  .description(
    'write the types of the workspace’s own nodes to .polku/nodes.d.ts, for editors; the kernel needs no such file',
  )
  .action(async () => {
    const { writeTypes } = await import('./types.ts')
    await writeTypes(workspace())
  })

program
  .command('models')
  .description('list the workspace’s models with their versions, stages, quality and approvals')
  .addOption(json())
  .action(async (options: { json: boolean }) => {
    const { listModels } = await import('./models.ts')
    await listModels(workspace(), options)
  })

program
  .command('approve')
  .description('make NAME@approved mean something that was looked at')
  .command('model')
  .description('approve a version of a model on a report; the approval lapses when either or what is behind it changes')
  .argument('<model@version>', 'such as churn@3')
  .requiredOption('--report <file>', 'the report of the run or notebook that trained it')
  .requiredOption('--by <name>', 'who approves')
  .option('--note <text>', 'why, for whoever asks later')
  .action(async (model: string, options: { report: string; by: string; note?: string }) => {
    const { approve } = await import('./approve.ts')
    await approve(workspace(), model, options)
  })

const notebook = program.command('notebook').description('work with a notebook (.ipynb)')
notebook
  .command('run')
  .description('run a notebook unattended; what it gives is written after each cell')
  .argument('<notebook>', 'a file (.ipynb), or a name in the workspace’s notebooks/ or among Polku’s own')
  .addOption(
    new Option('--param <name=value>', 'a parameter that the cell tagged `parameters` declares; may be repeated')
      .argParser(collect)
      .default([], 'the notebook’s own values'),
  )
  .option('--kernel <name>', 'a Jupyter kernel in place of the notebook’s own')
  .option('--timeout <time>', 'stop the notebook after this time, such as 10m')
  .option('--cell-timeout <time>', 'stop it when one cell takes longer, such as 90s')
  .option('--memory <size>', 'stop it when its kernel takes more, such as 2GB')
  .option('--out <file>', 'the notebook to write; NAME.run.ipynb beside it by default; of Polku’s own in the workspace')
  .option('--resume', 'go on with an earlier run in --out: finished cells tagged `pure` are kept', false)
  .action(async (named: string, options: NotebookOptions) => {
    const { runNotebookFile } = await import('./notebook.ts')
    const isGiven = program.getOptionValueSource('workspace') !== 'default'
    await runNotebookFile(named, { workspace: workspace(), isGiven }, options)
  })

notebook
  .command('render')
  .description('make the report of an executed notebook: one HTML file that works offline')
  .argument('<file>', 'the notebook')
  .option('--out <file>', 'where to write the report; beside the notebook otherwise')
  .option('--pdf', 'print it to a PDF as well, where a Chromium is found', false)
  .action(async (file: string, options: { out?: string; pdf: boolean }) => {
    const { render } = await import('./notebook-render.ts')
    await render(file, options)
  })

program
  .command('report')
  .description('work with the reports of runs')
  .command('diff')
  .description('show what changed between two runs of the same notebook')
  .argument('<a>', 'an executed notebook')
  .argument('<b>', 'the same notebook, executed again')
  .option('--out <file>', 'where to write the report; beside B otherwise')
  .action(async (a: string, b: string, options: { out?: string }) => {
    const { reportDiff } = await import('./report-diff.ts')
    await reportDiff(a, b, options)
  })

program
  .command('test')
  .description('run the cases of the workspace’s own nodes, or of one node, also of Polku')
  .argument('[name]', 'a node such as enrich/my-score')
  .option('--bless', 'write what comes out as what is expected', false)
  .action(async (name: string | undefined, options: { bless: boolean }) => {
    const { test } = await import('./test.ts')
    await test(workspace(), name, options)
  })

const create = program.command('new').description('make a skeleton that works')
create
  .command('client')
  .description('a workspace with sample data and a flow that runs')
  .argument('<name>', 'small letters, digits and dashes')
  .action(async (name: string) => {
    const { newClient } = await import('./scaffold.ts')
    await newClient(name)
  })
create
  .command('node')
  .description('a node of the workspace with a case')
  .argument('<family/name>', 'such as enrich/my-score')
  .option('--builtin', 'one of Polku’s own nodes instead, in the folder of Polku', false)
  .action(async (name: string, options: { builtin: boolean }) => {
    const { newNode } = await import('./scaffold.ts')
    newNode(workspace(), name, options)
  })

program
  .command('kernel')
  .description('the Jupyter kernel for TypeScript')
  .command('install')
  .description('let Jupyter and editors find the kernel')
  .option('--user', 'for you alone, which is what it does unless told otherwise', false)
  .option('--prefix <dir>', 'below DIR/share/jupyter')
  .option('--no-check', 'run cells although they have type errors')
  .action(async (options: { user: boolean; prefix?: string; check: boolean }) => {
    const { installKernel } = await import('./kernel.ts')
    await installKernel(options, process.env)
  })

program
  .command('clean')
  .description('remove runs, results and executed notebooks that are old or too many, and that nothing needs any more')
  .option('--days <n>', 'how long runs are kept; otherwise retention.days of client.yaml', positive)
  .option('--gigabytes <n>', 'what they may take; otherwise retention.gigabytes of client.yaml', positive)
  .option('--dry-run', 'only say what would go', false)
  .action(async (options: CleanRequest) => {
    const { clean } = await import('./clean.ts')
    await clean(workspace(), options, Date.now())
  })

serviceCommands(program)

/** Does what the command line's words say, in the current folder; what it has to say goes to the standard output and error. Gives the exit code. */
export async function runCommand(words: readonly string[]): Promise<number> {
  process.exitCode = undefined
  try {
    await program.parseAsync(words, { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    printProblems(toProblems(error), process.stderr)
    if (!(asPolkuError(error, '') instanceof PolkuError || error instanceof PolkuErrors))
      process.stderr.write(`${printable(String(error instanceof Error ? error.stack : error))}\n`)
    return isUsage(error) ? 2 : 1
  }
}
