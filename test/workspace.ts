import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A fresh copy of the test workspace (or of another), removed when `work` ends. */
export async function withWorkspace<T>(
  work: (root: string) => Promise<T>,
  from = join(import.meta.dirname, 'fixtures', 'workspace'),
): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), 'polku-test-'))
  try {
    cpSync(from, root, { recursive: true })
    // Git keeps no empty folder: in a fresh clone the fixture has none for flows.
    mkdirSync(join(root, 'flows'), { recursive: true })
    return await work(root)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}
