import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { Type } from 'typebox'
import { list } from '../../data/files.ts'
import { projectRoot } from '../../data/installation.ts'
import { shapeFaults } from '../../data/shape.ts'
import { PolkuError } from '../../errors/errors.ts'
import { nearest } from '../../errors/nearest.ts'
import { shellWords } from '../../errors/shell-words.ts'
import { kernelCommand } from '../kernel/command.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** How a kernel is started. */
export interface KernelSpec {
  readonly name: string
  readonly displayName: string
  /** The command; `{connection_file}` stands for the path of the connection file. */
  readonly argv: readonly string[]
  /** Such as typescript or python. */
  readonly language: string
  readonly env: Readonly<Record<string, string>>
  readonly interruptMode: 'signal' | 'message'
}

const schema = Type.Object({
  argv: Type.Array(Type.String(), { minItems: 1, description: 'The command that starts the kernel.' }),
  display_name: Type.Optional(Type.String()),
  language: Type.Optional(Type.String()),
  env: Type.Optional(Type.Record(Type.String(), Type.String())),
  interrupt_mode: Type.Optional(Type.Enum(['signal', 'message'])),
})

const own = (name: string, displayName: string, argv: readonly string[], language = 'typescript'): KernelSpec => ({
  name,
  displayName,
  argv,
  language,
  env: {},
  interruptMode: name === 'polku' ? 'message' : 'signal',
})

const tslab = [process.execPath, join(projectRoot, 'runtime', 'notebook', 'tslab', 'main.ts'), '{connection_file}']

// Polku's own need not be installed, and an installed one of the same name may be another version.
const ownKernels: readonly KernelSpec[] = [
  own('polku', 'TypeScript (Polku)', kernelCommand()),
  own('tslab', 'TypeScript (tslab)', tslab),
  own('jslab', 'JavaScript (tslab)', [...tslab, '--js'], 'javascript'),
]

/** The folders in which Jupyter looks for kernels, the first that has a name wins. */
export function kernelFolders(env: Environment): string[] {
  const home = env.HOME ?? homedir()
  const data = {
    darwin: join(home, 'Library', 'Jupyter'),
    win32: join(env.APPDATA ?? join(home, 'AppData', 'Roaming'), 'jupyter'),
  }
  const user =
    env.JUPYTER_DATA_DIR ??
    (process.platform === 'darwin' || process.platform === 'win32'
      ? data[process.platform]
      : join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'jupyter'))
  const prefixes = [env.VIRTUAL_ENV, env.CONDA_PREFIX, '/usr/local', '/usr']
  return [
    ...(env.JUPYTER_PATH?.split(delimiter) ?? []),
    user,
    ...prefixes.flatMap((prefix) => (prefix ? [join(prefix, 'share', 'jupyter')] : [])),
  ]
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'kernels'))
}

/** The kernel of a name: Polku's own, or one on the Jupyter paths. Throws KERNEL_UNKNOWN, KERNEL_INVALID. */
export function findKernel(name: string, env: Environment): KernelSpec {
  const ours = ownKernels.find((spec) => spec.name === name)
  if (ours) return ours
  const folders = kernelFolders(env)
  const installed = folders.flatMap((folder) =>
    list(folder).filter((entry) => existsSync(join(folder, entry, 'kernel.json'))),
  )
  // Jupyter looks for names in small letters too.
  const entry = installed.find((one) => one === name) ?? installed.find((one) => one === name.toLowerCase())
  const folder = folders.find((one) => entry !== undefined && existsSync(join(one, entry, 'kernel.json')))
  if (entry !== undefined && folder !== undefined) return readSpec(name, join(folder, entry), env)
  const names = [...new Set([...ownKernels.map((spec) => spec.name), ...installed])].sort()
  throw new PolkuError('KERNEL_UNKNOWN', { kernel: name, actual: name, nearest: nearest(name, names, 'kernel') })
}

function readSpec(name: string, folder: string, env: Environment): KernelSpec {
  const file = join(folder, 'kernel.json')
  const invalid = (reason: string, cause?: unknown) =>
    new PolkuError('KERNEL_INVALID', { kernel: name, reason }, { file }, cause)
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw invalid(`${error instanceof Error ? error.message : error}.`, error)
  }
  const [fault] = shapeFaults(schema, value)
  if (fault) throw invalid(`${fault.path.join('.') || 'it'} is ${fault.kind}. ${fault.expected}`)
  const spec = value as {
    argv: string[]
    display_name?: string
    language?: string
    env?: Record<string, string>
    interrupt_mode?: 'signal' | 'message'
  } // the schema proved it
  return {
    name,
    displayName: spec.display_name ?? name,
    argv: spec.argv.map((part, index) =>
      index === 0 ? interpreter(part, folder) : part.replaceAll('{resource_dir}', folder),
    ),
    language: spec.language ?? '',
    // As in Jupyter, ${NAME} stands for the environment's value.
    env: Object.fromEntries(
      Object.entries(spec.env ?? {}).map(([key, text]) => [
        key,
        text.replaceAll(/\$\{(\w+)\}/g, (whole, variable: string) => env[variable] ?? whole),
      ]),
    ),
    interruptMode: spec.interrupt_mode ?? 'signal',
  }
}

/** A bare `python` means the one beside whose packages the kernel was installed, not any that the PATH finds first. */
function interpreter(command: string, folder: string): string {
  if (!/^python[\d.]*$/.test(command)) return command
  const prefix = /^(.*)[/\\]share[/\\]jupyter[/\\]kernels[/\\][^/\\]+$/.exec(folder)?.[1]
  const beside = prefix === undefined ? undefined : join(prefix, 'bin', command)
  return beside && existsSync(beside) ? beside : command
}

/** The prefix of a command that a person can try, without the connection file. */
export const commandOf = (spec: KernelSpec): string => shellWords(spec.argv)
