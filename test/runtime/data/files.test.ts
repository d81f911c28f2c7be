import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createExclusively, readIfThere, writeWhole } from '../../../runtime/data/files.ts'
import { canonical, FileHashes, hashFile } from '../../../runtime/data/hash.ts'
import { removeStaleTemporary, temporaryPath } from '../../../runtime/data/stale-temporary.ts'
import { withWorkspace } from '../../workspace.ts'

describe('hashes of files', () => {
  const later = Date.now() + 3_600_000

  test('are those of SHA-256', () =>
    withWorkspace(async (root) => {
      writeFileSync(join(root, 'abc'), 'abc')
      // FIPS 180-2, appendix B.1
      expect(await hashFile(join(root, 'abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    }))

  test('follow a file that is rewritten with the same size and date', () =>
    withWorkspace(async (root) => {
      const file = join(root, 'data', 'x')
      const hashes = new FileHashes(join(root, 'hashes'), join(root, 'tmp'))
      for (const text of ['one', 'two', 'six']) {
        writeFileSync(file, text)
        utimesSync(file, 1_600_000_000, 1_600_000_000)
        expect(await hashes.hash(file, later)).toBe(await hashFile(file))
      }
    }))

  test('are remembered while size and dates stay, so that a large file is read once', () =>
    withWorkspace(async (root) => {
      const file = join(root, 'data', 'x')
      writeFileSync(file, 'one')
      const hashes = new FileHashes(join(root, 'hashes'), join(root, 'tmp'))
      const hash = await hashes.hash(file, later)
      const [memory = ''] = readdirSync(join(root, 'hashes'))
      const remembered = JSON.parse(readFileSync(join(root, 'hashes', memory), 'utf8'))
      expect(remembered.hash).toBe(hash)
      // Were the file read again, the planted hash would not come back.
      writeFileSync(join(root, 'hashes', memory), JSON.stringify({ ...remembered, hash: 'planted' }))
      expect(await hashes.hash(file, later)).toBe('planted')
    }))

  test('are not remembered of a file changed just now, nor believed when the memory is damaged', () =>
    withWorkspace(async (root) => {
      const file = join(root, 'data', 'x')
      writeFileSync(file, 'one')
      const hashes = new FileHashes(join(root, 'hashes'), join(root, 'tmp'))
      await hashes.hash(file, Date.now())
      expect(existsSync(join(root, 'hashes'))).toBe(false)
      const hash = await hashes.hash(file, later)
      const [memory = ''] = readdirSync(join(root, 'hashes'))
      writeFileSync(join(root, 'hashes', memory), '{"size": 3')
      expect(await hashes.hash(file, later)).toBe(hash)
    }))
})

describe('whole files', () => {
  test('replace one another, and a write that fails leaves the old one and nothing else', () =>
    withWorkspace(async (root) => {
      const file = join(root, 'deep', 'er', 'x.json')
      writeWhole(file, 'one', join(root, 'tmp'))
      writeWhole(file, 'two', join(root, 'tmp'))
      expect(readFileSync(file, 'utf8')).toBe('two')
      mkdirSync(join(root, 'folder', 'full'), { recursive: true })
      expect(() => writeWhole(join(root, 'folder'), 'x', join(root, 'tmp'))).toThrow()
      expect(readdirSync(join(root, 'tmp'))).toEqual([])
    }))

  test('are created by one only', () =>
    withWorkspace(async (root) => {
      const file = join(root, 'x.json')
      expect(createExclusively(file, 'first', join(root, 'tmp'))).toBe(true)
      expect(createExclusively(file, 'second', join(root, 'tmp'))).toBe(false)
      expect(readFileSync(file, 'utf8')).toBe('first')
      expect(readdirSync(join(root, 'tmp'))).toEqual([])
    }))

  test('of ours that are damaged or absent are as good as not there', () =>
    withWorkspace(async (root) => {
      writeFileSync(join(root, 'x.json'), '{"half": ')
      expect(readIfThere(join(root, 'x.json'))).toBeUndefined()
      expect(readIfThere(join(root, 'y.json'))).toBeUndefined()
      expect(() => readIfThere(root)).toThrow('EISDIR')
    }))
})

test('canonical JSON has sorted keys at every depth', () => {
  expect(canonical({ b: [{ d: 1, c: undefined }], a: null, B: 'x' })).toBe('{"B":"x","a":null,"b":[{"d":1}]}')
})

describe('litter', () => {
  const host = hostname().replaceAll(/[^a-zA-Z0-9]/g, '') || 'host'
  // A process that has certainly ended.
  const { pid: dead } = spawnSync(process.execPath, ['-e', '0'])
  const left = (names: readonly string[], age = 0) =>
    withWorkspace(async (root) => {
      const folder = join(root, 'tmp')
      const mine = temporaryPath(folder, 'mine')
      writeFileSync(mine, '')
      const old = Date.now() / 1000 - age
      for (const name of names) {
        mkdirSync(join(folder, name, 'deep'), { recursive: true })
        writeFileSync(join(folder, name, 'deep', 'x'), '')
        utimesSync(join(folder, name), old, old)
      }
      removeStaleTemporary(folder)
      expect(existsSync(mine)).toBe(true)
      rmSync(mine)
      return readdirSync(folder)
    })

  test('of dead processes goes', async () => {
    expect(await left([`.run-1~${host}-${dead}-0a1b2c3d`])).toEqual([])
  })

  test('of an earlier process with this one’s number goes', async () => {
    expect(await left([`.run-1~${host}-${process.pid}-00000000`])).toEqual([])
  })

  test('of living processes stays', async () => {
    expect(await left([`.run-1~${host}-${process.ppid}-0a1b2c3d`, `.run-2~${host}-1-0a1b2c3d`])).toHaveLength(2)
  })

  test('of other hosts stays for a week', async () => {
    const name = `.run-1~${host}x-${dead}-0a1b2c3d`
    expect(await left([name])).toEqual([name])
    expect(await left([name], 8 * 24 * 3600)).toEqual([])
  })

  test('is nothing that an author named', async () => {
    expect(await left(['notes~', `run-${dead}`, `~${host}-${dead}-xyz`], 1e8)).toHaveLength(3)
  })
})
