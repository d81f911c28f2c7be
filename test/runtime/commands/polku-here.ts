import { vi } from 'vitest'
import { runCommand } from '../../../runtime/commands/program.ts'
import type { Answer } from './polku.ts'

/**
 * Runs the command line in this process, which costs a tenth of a process of its own. One at a time: the current
 * folder and the standard output are the process's.
 */
export async function polkuHere(folder: string, ...words: readonly string[]): Promise<Answer> {
  const text = { out: '', error: '' }
  const before = process.cwd()
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((piece) => {
      text.out += piece
      return true
    }),
    vi.spyOn(process.stderr, 'write').mockImplementation((piece) => {
      text.error += piece
      return true
    }),
  ]
  process.chdir(folder)
  try {
    const code = await runCommand(words)
    return { code, ...text }
  } finally {
    for (const spy of spies) spy.mockRestore()
    process.chdir(before)
    process.exitCode = undefined
  }
}
