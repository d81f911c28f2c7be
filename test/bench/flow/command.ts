import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { asOf, type Size, writeData } from './data.ts'
import { printFigures } from './figures.ts'
import { benchFlow, segments, trainFlow } from './flows.ts'

/** What a child process tells of one run, and how long it took from its start to its end. */
export interface Measured {
  readonly steps: Readonly<Record<string, number>>
  readonly rows?: Readonly<Record<string, number>>
  readonly megabytes: number
  readonly milliseconds: number
}

export interface Figures {
  readonly polku: readonly Measured[]
  readonly again: readonly Measured[]
  readonly floor: readonly Measured[]
  readonly memoryFloor: readonly Measured[]
  readonly pandas: readonly Measured[]
}

// Debian's, whatever else is called python3 here.
const python = '/usr/bin/python3'

async function measure(program: string, given: readonly string[]): Promise<Measured> {
  const started = performance.now()
  const child = spawn(program, given, { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text
  })
  const [code] = (await once(child, 'close')) as [number | null] // the event's documented arguments
  const milliseconds = performance.now() - started
  if (code !== 0) throw new Error(`${program} ${given[0]} ended with ${code}.`)
  return { ...(JSON.parse(said) as Omit<Measured, 'milliseconds'>), milliseconds } // our own children
}

const script = (name: string): string => join(import.meta.dirname, name)
const polku = (root: string, flow: string) =>
  measure(process.execPath, [script('polku-child.ts'), root, join(root, 'flows', `${flow}.yaml`)])

/** Generates the data, runs the same job in every way, and prints the medians. */
export async function benchFlowCommand(asked: {
  size: Size
  repeat: number
  folder: string | undefined
}): Promise<void> {
  const root = asked.folder ? resolve(asked.folder) : mkdtempSync(join(tmpdir(), 'polku-bench-'))
  try {
    await prepare(root, asked.size)
    const hasPandas = spawnSync(python, ['-c', 'import pandas, sklearn']).status === 0
    if (!hasPandas) console.log(`${python} has no pandas and scikit-learn here: they are not measured.`)
    const figures = { polku: [], again: [], floor: [], memoryFloor: [], pandas: [] } as {
      [K in keyof Figures]: Measured[]
    } // filled below
    for (let round = 1; round <= asked.repeat; round += 1) {
      console.log(`Round ${round} of ${asked.repeat}.`)
      rmSync(join(root, '.polku'), { recursive: true, force: true })
      figures.polku.push(await polku(root, 'bench'))
      figures.again.push(await polku(root, 'bench'))
      figures.floor.push(await measure(process.execPath, [script('floor-child.ts'), root, 'parquet']))
      figures.memoryFloor.push(await measure(process.execPath, [script('floor-child.ts'), root, 'memory']))
      if (hasPandas) figures.pandas.push(await measure(python, [script('pandas_job.py'), root, String(segments), asOf]))
    }
    console.log(
      `\n${asked.size.customers} customers, ${asked.size.orders} purchases, ${cpus().length} × ${cpus()[0]?.model}.`,
    )
    printFigures(figures)
  } finally {
    if (!asked.folder) rmSync(root, { recursive: true, force: true })
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
