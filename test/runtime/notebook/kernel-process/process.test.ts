import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { projectRoot } from '../../../../runtime/data/installation.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'polku kernels ä '))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

// A process that starts a kernel whose program, and all that it may read, lies in `allowed`.
const starting = (kernel: object) => `
import { KernelProcess } from ${JSON.stringify(join(projectRoot, 'runtime/notebook/kernel-process/process.ts'))}
const { ended } = await KernelProcess.start(${JSON.stringify(kernel)}, process.cwd(), process.env)
console.log(await ended)`

test.each(['allowed ä', 'allowed " and \\'])(
  'a kernel of a confined process is confined alike, in a folder named %s',
  (name) => {
    const allowed = join(folder, name)
    mkdirSync(allowed)
    writeFileSync(join(folder, 'secret.txt'), 'secret')
    writeFileSync(join(allowed, 'own.txt'), 'own')
    const reading = `const { readFileSync } = require('node:fs')
console.error(readFileSync(process.argv[2], 'utf8'), process.env.NODE_OPTIONS.includes('--no-deprecation'))
try { readFileSync(process.argv[3]) } catch (error) { console.error(error.code) }`
    writeFileSync(join(allowed, 'kernel.cjs'), reading)
    const argv = [process.execPath, ...['kernel.cjs', 'own.txt', '../secret.txt'].map((file) => join(allowed, file))]
    const start = join(folder, 'start.ts')
    writeFileSync(start, starting({ name: 'reading', argv, env: { NODE_OPTIONS: '--no-deprecation' } }))
    const flags = ['--permission', '--allow-child-process', `--allow-fs-write=${allowed}`]
    const reads = [projectRoot, start, allowed].map((path) => `--allow-fs-read=${path}`)
    const env = { ...process.env, TMPDIR: allowed, NODE_NO_WARNINGS: '1' }
    const out = execFileSync(process.execPath, [...flags, ...reads, start], { env, encoding: 'utf8' })
    expect(out).toBe('it exited with code 0. It said:\nown true\nERR_ACCESS_DENIED\n')
  },
)
