import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { projectRoot } from '../../../runtime/data/installation.ts'
import { readySnapshot } from '../../../runtime/notebook/kernel/compiler/snapshot.ts'
import { Kernel } from '../../../runtime/notebook/kernel-process/kernel.ts'
import { findKernel } from '../../../runtime/notebook/kernel-process/kernelspec.ts'
import { readNotebook } from '../../../runtime/notebook/nbformat/file.ts'
import { renderNotebook } from '../../../runtime/notebook/render/render.ts'
import { median, seconds, verdict } from '../figures.ts'

// Debian's, whatever else is called python3 here.
const python = '/usr/bin/python3'

async function timed(program: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Promise<number> {
  const started = performance.now()
  const child = spawn(program, args, { env, cwd, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    said += text
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${said}`)
  return performance.now() - started
}

/** Times the same ten cells in Polku and in nbconvert on stock tslab, a kernel's start, trivial cells, and a report. */
export async function benchNotebookCommand({ repeat }: { repeat: number }): Promise<void> {
  // Inside the project, so that both kernels find its packages.
  const root = mkdtempSync(join(projectRoot, 'node_modules', '.cache', 'bench-notebook-'))
  try {
    copyFileSync(join(import.meta.dirname, 'ten-cells.ipynb'), join(root, 'ten-cells.ipynb'))
    symlinkSync(join(projectRoot, 'node_modules'), join(root, 'node_modules'))
    console.log(`${cpus().length} × ${cpus()[0]?.model}, medians of ${repeat}.`)
    prepareChecker()
    await compare(root, repeat)
    await kernelFigures(root, repeat)
    renderFigures(join(root, 'polku.ipynb'), repeat)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** Makes what the first kernel after an installation leaves for the next ones, so that all rounds are alike. */
function prepareChecker(): void {
  if (readySnapshot() !== null) return
  const builder = join(projectRoot, 'runtime', 'notebook', 'kernel', 'compiler', 'build-snapshot.ts')
  const started = performance.now()
  const { status, stderr } = spawnSync(process.execPath, [builder], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`The type checker's snapshot could not be made: ${stderr}`)
  console.log(
    `The type checker's snapshot was made in ${seconds(performance.now() - started)} s, once for an installation.`,
  )
}

async function compare(root: string, repeat: number): Promise<void> {
  const stock = spawnSync(python, ['-c', 'import nbconvert, nbclient']).status === 0
  if (!stock) console.log(`${python} has no nbconvert here: tslab is not measured.`)
  const env = { ...process.env, JUPYTER_PATH: tslabSpec(root) }
  const polku: number[] = []
  const tslab: number[] = []
  const run = ['notebook', 'run', 'ten-cells.ipynb', '--kernel', 'polku', '--out', 'polku.ipynb']
  const convert = [
    '-m',
    'nbconvert',
    '--to',
    'notebook',
    '--execute',
    '--ExecutePreprocessor.kernel_name=tslab',
    '--output=tslab.ipynb',
  ]
  for (let round = 1; round <= repeat; round += 1) {
    polku.push(await timed(process.execPath, [join(projectRoot, 'runtime', 'cli.ts'), ...run], process.env, root))
    if (stock) tslab.push(await timed(python, [...convert, 'ten-cells.ipynb'], env, root))
  }
  console.log(`Ten cells by polku notebook run: ${seconds(median(polku))} s.`)
  if (!stock) return
  const share = median(polku) / median(tslab)
  console.log(`Ten cells by nbconvert on tslab: ${seconds(median(tslab))} s.`)
  console.log(`Polku takes ${share.toFixed(2)} of its time; aim 0.5 at most: ${verdict(share <= 0.5)}.`)
}

/** A folder for JUPYTER_PATH with tslab's own kernelspec, as `tslab install` writes it. */
function tslabSpec(root: string): string {
  const folder = join(root, 'jupyter', 'kernels', 'tslab')
  mkdirSync(folder, { recursive: true })
  const main = join(projectRoot, 'node_modules', 'tslab', 'bin', 'tslab')
  const argv = [process.execPath, main, 'kernel', '--config-path={connection_file}']
  writeFileSync(
    join(folder, 'kernel.json'),
    JSON.stringify({ argv, display_name: 'TypeScript', language: 'typescript' }),
  )
  return join(root, 'jupyter')
}

/** How soon a kernel is ready, and how long a trivial cell takes after tfjs is there. */
async function kernelFigures(root: string, repeat: number): Promise<void> {
  const ready: number[] = []
  const trivial: number[] = []
  const options = {
    folder: root,
    env: process.env,
    startTimeout: 60_000,
    outputLimits: { characters: 1_000_000, pieces: 100 },
    signal: new AbortController().signal,
    now: Date.now,
  }
  for (let round = 1; round <= repeat; round += 1) {
    const started = performance.now()
    const kernel = await Kernel.start(findKernel('polku', process.env), options)
    ready.push(performance.now() - started)
    await kernel.execute("import * as tf from '@tensorflow/tfjs'").done
    for (let cell = 1; cell <= 40; cell += 1) {
      const sentAt = performance.now()
      await kernel.execute(`const n${cell} = ${cell}\nn${cell} + 1`).done
      trivial.push(performance.now() - sentAt)
    }
    await kernel.shutdown()
  }
  const late = trivial.sort((left, right) => left - right)[Math.floor(trivial.length * 0.95)] ?? 0
  console.log(`A kernel is ready in ${seconds(median(ready))} s; aim under 0.7: ${verdict(median(ready) < 700)}.`)
  console.log(
    `A trivial cell after tfjs: ${median(trivial).toFixed(0)} ms, 95th percentile ${late.toFixed(0)} ms; aim under 100: ${verdict(late < 100)}.`,
  )
}

function renderFigures(file: string, repeat: number): void {
  const notebook = readNotebook(file)
  const times = Array.from({ length: repeat }, () => {
    const started = performance.now()
    renderNotebook(notebook, { file, hash: '' })
    return performance.now() - started
  })
  // The first is what a command that renders one notebook waits for.
  console.log(`Its report is rendered in ${seconds(times[0] ?? 0)} s; aim under 1: ${verdict((times[0] ?? 0) < 1000)}.`)
}
