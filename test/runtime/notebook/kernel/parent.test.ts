import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { TestKernel } from './harness.ts'

// A process that starts a kernel as Jupyter does, in a group of its own, and waits.
const starter = `
const [command, ...args] = process.argv.slice(1)
require('node:child_process').spawn(command, args, { stdio: 'inherit', detached: true })
setInterval(() => {}, 1e6)`

test.each([
  ['that Jupyter names', 'process.env.JPY_PARENT_PID = String(process.pid)'],
  ['that nobody names', 'delete process.env.JPY_PARENT_PID'],
])('a kernel ends with the process %s, and with it what its cells started', async (_, naming) => {
  const kernel = await TestKernel.start(['--check=off'], process.cwd(), (command, cwd) =>
    spawn(process.execPath, ['-e', naming + starter, ...command], { cwd, stdio: ['ignore', 'pipe', 'inherit'] }),
  )
  try {
    const code = `require('node:child_process').spawn('sleep', ['1000'], { stdio: 'inherit' })
console.log('on'); while (true) {}`
    const id = await kernel.send('execute_request', { code })
    await kernel.whenPublished(id, 'stream')
    const { stdout } = kernel.process
    stdout?.resume()
    // Closed when the kernel and the other process, which inherit it, have ended both.
    const closed = stdout && once(stdout, 'close')
    kernel.process.kill('SIGKILL')
    expect(await closed).toEqual([false])
  } finally {
    await kernel.close()
  }
})
