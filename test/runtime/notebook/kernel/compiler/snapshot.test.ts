import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { isHeld, lockOf, takeLock } from '../../../../../runtime/notebook/kernel/compiler/snapshot.ts'

const folder = mkdtempSync(join(tmpdir(), 'polku-lock-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a lock is taken once, and holds while its process lives', () => {
  const lock = lockOf(join(folder, 'new', 'one.blob'))
  expect(isHeld(lock)).toBe(false)
  expect(takeLock(lock)).toBe(true)
  expect(readFileSync(lock, 'utf8')).toBe(String(process.pid))
  expect(isHeld(lock)).toBe(true)
  expect(takeLock(lock)).toBe(false)
})

test('what died leaves no lock that holds', () => {
  const lock = lockOf(join(folder, 'two.blob'))
  const { pid } = spawnSync(process.execPath, ['--version'])
  writeFileSync(lock, String(pid))
  expect(isHeld(lock)).toBe(false)
  expect(takeLock(lock)).toBe(true)
  writeFileSync(lock, '')
  expect(isHeld(lock)).toBe(true)
  expect(existsSync(lock)).toBe(true)
})
