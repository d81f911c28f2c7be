import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { projectRoot } from '../../../runtime/data/installation.ts'
import type { RunRecord } from '../../../runtime/run/record.ts'
import { asOf, type Size, writeData } from './data.ts'
import { type Figures, type Measured, printFigures } from './figures.ts'
import { benchFlow, segments, trainFlow } from './flows.ts'

// Debian's, whatever else is called python3 here.
const python = '/usr/bin/python3'

async function measure(program: string, words: readonly string[]): Promise<Omit<Measured, 'steps'> & { said: string }> {
  const started = performance.now()
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] })
  const [said, peak] = await Promise.all([child.stdout, child.stdio[3]].map((stream) => text(stream as Readable))) // a pipe
  const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode]
  const milliseconds = performance.now() - started
  if (code !== 0) throw new Error(`${program} ${words.join(' ')} ended with ${code}: ${said}`)
  return { said: said ?? '', megabytes: Number(peak), milliseconds }
}

const script = (name: string): string => join(import.meta.dirname, name)
const node = (...words: string[]) => measure(process.execPath, ['--import', script('peak-memory.ts'), ...words])

/** One run of a flow as a person starts it. */
async function polku(root: string, flow: string): Promise<Measured> {
  const cli = join(projectRoot, 'runtime', 'cli.ts')
  const { said, ...measured } = await node(cli, '--workspace', root, 'run', flow, '--as-of', asOf, '--json')
  const run = JSON.parse(said) as RunRecord // by its schema
  return { ...measured, steps: Object.fromEntries(run.steps.map((step) => [step.name, step.milliseconds])) }
}

/** A program that prints the milliseconds of its steps. */
async function other(running: ReturnType<typeof measure>): Promise<Measured> {
  const { said, ...measured } = await running
  return { ...measured, steps: JSON.parse(said) as Measured['steps'] } // our own children
}

/** Generates the data, runs the same job in every way, and prints the medians. */
export async function benchFlowCommand(settings: {
  size: Size
  repeat: number
  folder: string | undefined
}): Promise<void> {
  const root = settings.folder ? resolve(settings.folder) : mkdtempSync(join(tmpdir(), 'polku-bench-'))
  try {
    await prepare(root, settings.size)
    const hasPandas = spawnSync(python, ['-c', 'import pandas, sklearn']).status === 0
    if (!hasPandas) console.log(`${python} has no pandas and scikit-learn here: they are not measured.`)
    const figures = { polku: [], again: [], floor: [], memoryFloor: [], pandas: [] } as {
      [K in keyof Figures]: Measured[]
    } // filled below
    for (let round = 1; round <= settings.repeat; round += 1) {
      console.log(`Round ${round} of ${settings.repeat}.`)
      rmSync(join(root, '.polku'), { recursive: true, force: true })
      figures.polku.push(await polku(root, 'bench'))
      figures.again.push(await polku(root, 'bench'))
      figures.floor.push(await other(node(script('floor.ts'), root, 'parquet')))
      figures.memoryFloor.push(await other(node(script('floor.ts'), root, 'memory')))
      if (hasPandas)
        figures.pandas.push(await other(measure(python, [script('pandas_job.py'), root, String(segments), asOf])))
    }
    console.log(
      `\n${settings.size.customers} customers, ${settings.size.orders} purchases, ${cpus().length} × ${cpus()[0]?.model}.`,
    )
    printFigures(figures)
  } finally {
    if (!settings.folder) rmSync(root, { recursive: true, force: true })
  }
}

/** The workspace with its data, its flows and a trained model, all files read once so that each run finds them in memory. */
async function prepare(root: string, size: Size): Promise<void> {
  console.log(`Making ${size.customers} customers and ${size.orders} purchases in ${root}.`)
  mkdirSync(join(root, 'flows'), { recursive: true })
  writeFileSync(join(root, 'client.yaml'), 'client: bench\ntitle: Benchmark\n')
  writeFileSync(join(root, 'flows', 'bench.yaml'), benchFlow)
  writeFileSync(join(root, 'flows', 'train.yaml'), trainFlow)
  await writeData(join(root, 'data'), size)
  rmSync(join(root, 'models'), { recursive: true, force: true })
  rmSync(join(root, '.polku'), { recursive: true, force: true })
  console.log('Training the model.')
  await polku(root, 'train')
  for (const file of ['customers.csv', 'orders.csv']) readFileSync(join(root, 'data', file))
}
