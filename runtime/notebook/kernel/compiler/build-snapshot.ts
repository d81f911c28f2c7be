import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire, stripTypeScriptTypes } from 'node:module'
import { constants, setPriority } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from '../../../data/installation.ts'
import { Language } from './language.ts'
import { isAlive, lockOf, type SnapshotPlan, snapshotFile, takeLock } from './snapshot.ts'

// A process that makes the snapshot from which type checkers start: a kernel that had none starts it when it ends, so
// that the next one knows at once what this one had to read. It takes some seconds; with --yield all other work goes
// before, and it leaves it to another that is at it.

const sample = `import { open, plot, publish } from 'polku'
import * as tf from '@tensorflow/tfjs'
const workspace = await open()
const { customers } = await workspace.segment.rfm({ orders: await workspace.sql\`select 1\` })
display.plotly({ data: [{ y: [tf.tensor([1]).size] }] })
;[plot, publish, customers].map(String)`

/** The script: TypeScript, its plan, and what makes a snapshot of both. */
function script(draft: string): string {
  const language = new Language(draft)
  language.cells.write('sample', sample, 'used')
  language.service.getSemanticDiagnostics(language.cells.path('sample'))
  const plan: SnapshotPlan = {
    ...language.plan(),
    main: fileURLToPath(new URL('./worker.ts', import.meta.url)),
    cache: cacheFolder,
  }
  const entry = readFileSync(new URL('./snapshot-entry.ts', import.meta.url), 'utf8')
  const typescript = readFileSync(createRequire(import.meta.url).resolve('typescript'), 'utf8')
  return `${typescript}\nconst plan = ${JSON.stringify(plan)};\n${stripTypeScriptTypes(entry)}`
}

function build(target: string): void {
  const folder = dirname(target)
  const draft = mkdtempSync(join(folder, `draft-${process.pid}-`))
  try {
    const [file, blob] = [join(draft, 'script.cjs'), join(draft, 'blob')]
    writeFileSync(file, script(draft))
    const built = spawnSync(process.execPath, ['--snapshot-blob', blob, '--build-snapshot', file], { encoding: 'utf8' })
    if (built.status !== 0) throw new Error(`No snapshot of the type checker could be made: ${built.stderr}`)
    renameSync(blob, target)
    // Of what was installed before, and of those that died.
    const current = [target, lockOf(target)].map((path) => basename(path))
    for (const name of readdirSync(folder))
      if (!current.includes(name) && !isDraftOfOther(name)) rmSync(join(folder, name), { recursive: true, force: true })
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

/** Whether another process that lives works on it. */
const isDraftOfOther = (name: string): boolean => {
  const owner = Number(/^draft-(\d+)-/.exec(name)?.[1])
  return owner > 0 && owner !== process.pid && isAlive(owner)
}

const isYielding = process.argv.includes('--yield')
if (isYielding) setPriority(constants.priority.PRIORITY_LOW)
const target = snapshotFile()
if (target !== undefined && !existsSync(target)) {
  const isFirst = takeLock(lockOf(target))
  try {
    // One that yields may be held up for ever on a busy machine: who does not yield waits for none.
    if (isFirst || !isYielding) build(target)
  } finally {
    if (isFirst) rmSync(lockOf(target), { force: true })
  }
}
