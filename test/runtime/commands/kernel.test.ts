import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { polkuHere } from './polku-here.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'polku-kernel-spec-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const polku = (...args: string[]) => polkuHere(folder, ...args)

describe('polku kernel install', () => {
  test('writes a kernelspec below a prefix, with absolute paths and no Python', async () => {
    const { code, out } = await polku('kernel', 'install', '--prefix', folder)
    expect(code).toBe(0)
    const file = join(folder, 'share', 'jupyter', 'kernels', 'polku', 'kernel.json')
    expect(out).toContain(file)
    const spec = JSON.parse(readFileSync(file, 'utf8'))
    expect(spec).toMatchObject({ language: 'typescript', interrupt_mode: 'message' })
    expect(spec.argv.at(-1)).toBe('{connection_file}')
    expect(execFileSync(spec.argv[0], ['--version'], { encoding: 'utf8' })).toMatch(/^v24\./)
  })

  test('refuses both places at once, and says where it may not write', async () => {
    expect(await polku('kernel', 'install', '--user', '--prefix', folder)).toMatchObject({ code: 2 })
    writeFileSync(join(folder, 'file'), '')
    const { code, error } = await polku('kernel', 'install', '--prefix', join(folder, 'file'))
    expect(code).toBe(1)
    expect(error).toContain('KERNEL_NOT_INSTALLED')
  })
})
