// Slow: needs Jupyter with its Python kernel.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projectRoot } from '../../../../runtime/data/installation.ts'

// The kernel under Debian's Jupyter, where that is installed.

const python = '/usr/bin/python3'
const hasJupyter = spawnSync(python, ['-c', 'import jupyter_client, nbclient, nbconvert']).status === 0

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'polku-jupyter-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const polku = (...args: string[]) =>
  spawnSync(process.execPath, [join(projectRoot, 'runtime', 'cli.ts'), ...args], { encoding: 'utf8', cwd: folder })

const environment = () => ({
  ...process.env,
  HOME: folder,
  JUPYTER_PATH: join(folder, 'share', 'jupyter'),
  JUPYTER_RUNTIME_DIR: join(folder, 'runtime'),
})

const cell = (id: string, source: string) => ({
  cell_type: 'code',
  id,
  metadata: {},
  execution_count: null,
  outputs: [],
  source,
})
const notebook = (...sources: string[]) => ({
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: 'polku', display_name: 'TypeScript (Polku)', language: 'typescript' } },
  cells: sources.map((source, i) => cell(`cell-${i}`, source)),
})

describe.skipIf(!hasJupyter)('under Debian’s Jupyter', () => {
  beforeAll(() => {
    polku('kernel', 'install', '--prefix', folder)
  })

  const convert = (name: string, content: object) => {
    writeFileSync(join(folder, `${name}.ipynb`), JSON.stringify(content))
    const args = ['-m', 'nbconvert', '--to', 'notebook', '--execute', '--output', `${name}.out`, `${name}.ipynb`]
    return spawnSync(python, args, { cwd: folder, env: environment(), encoding: 'utf8' })
  }

  test('nbconvert runs a notebook, and keeps what it shows', () => {
    const { status, stderr } = convert(
      'good',
      notebook(
        'const names = ["Aino", "Eero"]\nconsole.log(names.length)',
        'display.html(`<b>${names[0]}</b>`)\nnames',
      ),
    )
    expect(stderr).not.toContain('Error')
    expect(status).toBe(0)
    const { cells } = JSON.parse(readFileSync(join(folder, 'good.out.ipynb'), 'utf8'))
    expect(cells[0].outputs).toEqual([{ name: 'stdout', output_type: 'stream', text: ['2\n'] }])
    expect(cells[1].outputs).toMatchObject([
      { output_type: 'display_data', data: { 'text/html': ['<b>Aino</b>'] } },
      { output_type: 'execute_result', execution_count: 2, data: { 'text/plain': ["[ 'Aino', 'Eero' ]"] } },
    ])
  })

  test('nbconvert tells a failing cell with its line', () => {
    const { status, stderr } = convert('bad', notebook('const n = 1', 'const wrong: string = n'))
    expect(status).not.toBe(0)
    expect(stderr).toContain('cell 2:1:7 - error TS2322')
  })

  test('jupyter_client starts, interrupts, restarts and ends it', () => {
    const script = `
import sys
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(kernel_name='polku', startup_timeout=60)
def run(code):
    return client.execute_interactive(code, timeout=60, output_hook=lambda message: None)['content']
assert run('let kept = 7')['status'] == 'ok'
sent = client.execute('kept = 8; console.log("on"); while (true) {}')
while client.get_iopub_msg(timeout=60)['msg_type'] != 'stream': pass
manager.interrupt_kernel()
while True:
    reply = client.get_shell_msg(timeout=60)
    if reply['parent_header'].get('msg_id') == sent: break
assert reply['content']['ename'] == 'KeyboardInterrupt', reply['content']
assert run('if (kept !== 8) throw new Error("lost")')['status'] == 'ok'
manager.restart_kernel(now=False)
client.wait_for_ready(timeout=60)
assert run('kept')['status'] == 'error'
client.stop_channels()
manager.shutdown_kernel(now=False)
assert not manager.is_alive()
print('well')
`
    const env = { ...environment(), POLKU_KERNEL_CHECK: 'off' } // nbconvert above has the types checked
    const result = spawnSync(python, ['-c', script], { cwd: folder, env, encoding: 'utf8' })
    expect(result, result.stderr).toMatchObject({ status: 0, stdout: expect.stringContaining('well') })
  })
})
