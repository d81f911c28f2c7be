import { join } from 'node:path'
import { projectRoot } from '../../data/installation.ts'

/**
 * What Node needs to know before it starts. An endless loop that is cut off leaves Node's record of who called whom
 * unbalanced, for which Node would end the process; and the loader of scripts' imports warns of being new.
 */
export const nodeFlags = ['--no-force-async-hooks-checks', '--disable-warning=ExperimentalWarning']

/** The command that starts a kernel, on the Node that runs now. `{connection_file}` stands for the file's path. */
export const kernelCommand = (connectionFile = '{connection_file}'): string[] => [
  process.execPath,
  ...nodeFlags,
  join(projectRoot, 'runtime', 'notebook', 'kernel', 'main.ts'),
  connectionFile,
]
