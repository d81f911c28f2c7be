import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findKernel } from '../../../../runtime/notebook/kernel-process/kernelspec.ts'

let folder: string
const install = (prefix: string, name: string, spec: unknown) => {
  const specFolder = join(folder, prefix, 'kernels', name)
  mkdirSync(specFolder, { recursive: true })
  writeFileSync(join(specFolder, 'kernel.json'), typeof spec === 'string' ? spec : JSON.stringify(spec))
  return specFolder
}
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'polku-kernels-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const env = () => ({
  HOME: join(folder, 'home'),
  JUPYTER_PATH: `${join(folder, 'first')}:${join(folder, 'second')}`,
  LEVEL: '3',
})

test('the first folder on the Jupyter path wins, with what its kernel.json says filled in', () => {
  const specFolder = install('first', 'calc', {
    argv: ['calc', '--data', '{resource_dir}/x', '{connection_file}'],
    display_name: 'Calculator',
    language: 'calc',
    env: { DEPTH: '${LEVEL}', REST: '${NONE}' },
    interrupt_mode: 'message',
  })
  install('second', 'calc', { argv: ['wrong'] })
  expect(findKernel('calc', env())).toEqual({
    name: 'calc',
    displayName: 'Calculator',
    argv: ['calc', '--data', `${specFolder}/x`, '{connection_file}'],
    language: 'calc',
    env: { DEPTH: '3', REST: '${NONE}' },
    interruptMode: 'message',
  })
})

test('the user’s folder is searched, and names are found in small letters', () => {
  install('home/.local/share/jupyter', 'mine', { argv: ['mine'] })
  expect(findKernel('Mine', env())).toMatchObject({ argv: ['mine'], language: '', interruptMode: 'signal' })
})

test('Polku’s own kernels need no installation, and no other takes their names', () => {
  install('first', 'polku', { argv: ['other'] })
  for (const name of ['polku', 'tslab', 'jslab']) expect(findKernel(name, env()).argv[0]).toBe(process.execPath)
})

test('an unknown kernel names the nearest; a name is no path', () => {
  expect(() => findKernel('polkku', env())).toThrowError(
    expect.objectContaining({
      code: 'KERNEL_UNKNOWN',
      values: expect.objectContaining({ nearest: expect.stringContaining('polku') }),
    }),
  )
  expect(() => findKernel('../kernels/calc', env())).toThrowError(expect.objectContaining({ code: 'KERNEL_UNKNOWN' }))
})

test.each(['{', '[]', '{"argv": []}', '{"argv": "x"}', '{"argv": ["x"], "interrupt_mode": "shout"}'])(
  'a kernel.json of %s is told',
  (spec) => {
    install('first', 'broken', spec)
    expect(() => findKernel('broken', env())).toThrowError(expect.objectContaining({ code: 'KERNEL_INVALID' }))
  },
)
