import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { projectRoot } from '../../../runtime/data/installation.ts'

export interface Answer {
  readonly code: number | null
  readonly out: string
  readonly error: string
}

/** Runs the command line in a process of its own, its output in pipes. */
export async function polku(folder: string, ...words: readonly string[]): Promise<Answer> {
  const child = spawn(process.execPath, [join(projectRoot, 'runtime', 'cli.ts'), ...words], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const text = { out: '', error: '' }
  child.stdout.setEncoding('utf8').on('data', (piece) => {
    text.out += piece
  })
  child.stderr.setEncoding('utf8').on('data', (piece) => {
    text.error += piece
  })
  const [code] = (await once(child, 'close')) as [number | null] // the event's documented arguments
  return { code, ...text }
}
