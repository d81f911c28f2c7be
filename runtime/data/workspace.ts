import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { type Static, Type } from 'typebox'
import { parse } from 'yaml'
import { asPolkuError, PolkuError } from '../errors/errors.ts'
import { nearest } from '../errors/nearest.ts'
import { isSystemError } from '../errors/system-error.ts'
import { list } from './files.ts'
import { nameForm } from './names.ts'
import { shapeFaults } from './shape.ts'
import { dateAt, isZone } from './zone.ts'

/** The codes of ISO 4217. */
const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'))

export const clientSchema = Type.Object(
  {
    client: Type.String({ pattern: nameForm, description: 'Its short name' }),
    title: Type.String({ minLength: 1, description: 'How reports call the client' }),
    timezone: Type.Optional(Type.String({ description: 'Such as Europe/Helsinki' })),
    currency: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$', description: 'Such as EUR' })),
    runs: Type.Optional(
      Type.Object(
        {
          atOnce: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 1000, description: 'How many runs of the client may go on at once' }),
          ),
          priority: Type.Optional(
            Type.Integer({ minimum: -10, maximum: 10, description: 'That of its flows which name none' }),
          ),
          memory: Type.Optional(Type.Number({ minimum: 0.25, description: 'The gigabytes that a run may take' })),
        },
        { additionalProperties: false },
      ),
    ),
    alerts: Type.Optional(
      Type.Object(
        {
          webhook: Type.Optional(
            Type.String({
              pattern: '^https?://[^\\s]+$',
              maxLength: 2000,
              description: 'An address that takes a POST',
            }),
          ),
          email: Type.Optional(
            Type.Array(Type.String({ pattern: '^[^\\s@<>",;:]+@[^\\s@<>",;:]+$', maxLength: 254 }), { maxItems: 20 }),
          ),
          late: Type.Optional(
            Type.Integer({ minimum: 1, maximum: 10080, description: 'Minutes after which a scheduled run is late' }),
          ),
        },
        { additionalProperties: false },
      ),
    ),
    retention: Type.Optional(
      Type.Object(
        {
          days: Type.Optional(Type.Integer({ minimum: 1, maximum: 36500, description: 'How long runs are kept' })),
          gigabytes: Type.Optional(
            Type.Number({ exclusiveMinimum: 0, description: 'What runs and their results may take' }),
          ),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
)

/** What is wrong with the content of a client.yaml. */
export function clientFault(client: unknown): { readonly reason: string; readonly right: string } | undefined {
  const [fault] = shapeFaults(clientSchema, client)
  if (fault) return { reason: `${fault.path.join('.') || 'it'} is ${fault.kind}.`, right: fault.expected }
  const { timezone, currency } = client as Static<typeof clientSchema> // just proved
  if (timezone !== undefined && !isZone(timezone))
    return { reason: `timezone is ${timezone}, which there is not.`, right: 'A time zone such as Europe/Helsinki.' }
  if (currency !== undefined && !currencies.has(currency))
    return { reason: `currency is ${currency}, which there is not.`, right: 'A code of ISO 4217 such as EUR or SEK.' }
  return undefined
}

/** What a link says; undefined where the path is none, or too long to be one. */
function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP')) return undefined
    throw error
  }
}

/** One client's folder, and the only place where its paths are made. */
export class Workspace {
  readonly root: string
  readonly client: Static<typeof clientSchema>

  private constructor(root: string, client: Static<typeof clientSchema>) {
    this.root = root
    this.client = client
  }

  /** Opens the workspace in `folder`. Throws WORKSPACE_NOT_FOUND, WORKSPACE_INVALID. */
  static open(folder: string): Workspace {
    const file = join(folder, 'client.yaml')
    if (!existsSync(file)) throw new PolkuError('WORKSPACE_NOT_FOUND', { folder: resolve(folder) })
    const root = realpathSync(folder)
    let client: unknown
    try {
      client = parse(readFileSync(file, 'utf8'), { maxAliasCount: 0 })
    } catch (error) {
      throw new PolkuError(
        'WORKSPACE_INVALID',
        { reason: (error as Error).message.split('\n')[0], right: 'client: NAME and title: TITLE' },
        { file },
      ) // the parser throws Errors
    }
    const fault = clientFault(client)
    if (fault) throw new PolkuError('WORKSPACE_INVALID', fault, { file })
    return new Workspace(root, client as Static<typeof clientSchema>) // `clientFault` has proved the shape
  }

  /** Where the client's clocks are. */
  get timezone(): string {
    return this.client.timezone ?? 'UTC'
  }

  /** The code of ISO 4217 in which amounts of money are told. */
  get currency(): string {
    return this.client.currency ?? 'EUR'
  }

  /** The ISO date where the client is, at an instant in ms since 1970. */
  today(now: number): string {
    return dateAt(this.timezone, now)
  }

  /** Polku's own folder in the workspace and what lies in it. */
  internal(...names: string[]): string {
    return join(this.root, '.polku', ...names)
  }

  relative(path: string): string {
    return relative(this.root, path)
  }

  /** Where a path lies that `relative` gave. */
  absolute(path: string): string {
    return join(this.root, path)
  }

  /** Throws WORKSPACE_NOT_WRITABLE or DISK_FULL where Polku's folder cannot be made. */
  prepare(): void {
    for (const path of [this.internal(), this.internal('tmp')])
      try {
        // One by one: of a read-only disk, a recursive mkdir says that there is no such folder.
        if (!existsSync(path)) mkdirSync(path)
        accessSync(path, constants.W_OK)
      } catch (error) {
        // Another process may have made it meanwhile.
        if (!isSystemError(error, 'EEXIST')) throw asPolkuError(error, path)
      }
  }

  /**
   * The absolute path of an author's path. Throws PATH_OUTSIDE where it is absolute, climbs out, goes
   * through a link that leads out, or enters `.polku`, and PATH_PATTERN where DuckDB would read other files too.
   */
  resolve(path: string): string {
    const outside = () => new PolkuError('PATH_OUTSIDE', { path, actual: path })
    if (path.includes('\0') || isAbsolute(path)) throw outside()
    const target = resolve(this.root, path)
    for (const candidate of [target, this.#real(target)])
      if (
        candidate === undefined ||
        !this.#contains(candidate) ||
        relative(this.root, candidate).split(sep)[0] === '.polku'
      )
        throw outside()
    if (/[*?]|\[.*\//.test(path)) throw new PolkuError('PATH_PATTERN', { path, actual: path })
    return target
  }

  #contains(path: string): boolean {
    return path === this.root || path.startsWith(this.root + sep)
  }

  /** Where a path leads, through links that lead to nothing yet too; undefined where they lead in a circle. */
  #real(path: string, links = 0): string | undefined {
    if (existsSync(path) || path === dirname(path)) return realpathSync.native(path)
    const parent = this.#real(dirname(path), links)
    if (parent === undefined || links > 40) return undefined
    const link = linkTarget(path)
    return link === undefined ? join(parent, basename(path)) : this.#real(resolve(parent, link), links + 1)
  }

  /** Throws FILE_NOT_FOUND with the nearest name, FILE_UNREADABLE for a folder. */
  requireFile(path: string): string {
    const target = this.resolve(path)
    if (!existsSync(target)) {
      const folder = dirname(target)
      const beside = list(folder).filter((name) => !name.startsWith('.'))
      const names = beside.map((name) => this.relative(join(folder, name)))
      throw new PolkuError('FILE_NOT_FOUND', {
        path,
        actual: path,
        nearest: nearest(path, names, `file in ${this.relative(folder) || 'the workspace'}`),
      })
    }
    if (!statSync(target).isFile())
      throw new PolkuError('FILE_UNREADABLE', { path, reason: 'it is not a regular file' })
    return target
  }
}
