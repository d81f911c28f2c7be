import { enableCompileCache } from 'node:module'
import { cacheFolder } from '../../data/installation.ts'
import { nodeFlags } from './command.ts'

// The kernel's process: `node main.ts [--check=off] CONNECTION_FILE`. It is started by Jupyter, by an editor or by
// `polku notebook run`, in the notebook's folder.

enableCompileCache(cacheFolder)
const missing = nodeFlags.filter((flag) => !process.execArgv.includes(flag))
if (missing.length > 0 && process.execve)
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...missing, ...process.argv.slice(1)])
const { startKernel } = await import('./kernel.ts')
startKernel(process.argv.slice(2), process.env)
