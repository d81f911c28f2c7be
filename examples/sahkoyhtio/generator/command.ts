import { parseArgs } from 'node:util'

/** A setting of the command line that cannot be right. */
class UsageError extends Error {}

type Flags<Name extends string> = Partial<Record<Name | 'help', string | boolean>>

/** Reads `--name value` pairs and `--help`. Anything else is wrong use. */
const readFlags = <Name extends string>(names: readonly Name[]): Flags<Name> => {
  const text = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))
  try {
    // parseArgs gives only the options it was told of.
    return parseArgs({ options: { ...text, help: { type: 'boolean', short: 'h' } } }).values as Flags<Name>
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** A whole number from the command line, undefined where it was not given. */
export const wholeNumber = (name: string, text: string | boolean | undefined): number | undefined => {
  if (text === undefined) return undefined
  const value = Number(text)
  if (typeof text !== 'string' || !/^-?\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new UsageError(`--${name} must be a whole number, got "${text}".`)
  }
  return value
}

/** A text from the command line, undefined where it was not given. */
export const textOf = (value: string | boolean | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined

/**
 * Runs a command: prints `help` where it is asked for, and what went wrong in a line. The process
 * ends with 2 after wrong use, 1 after a failure.
 */
export const runCommand = async <Name extends string>(
  names: readonly Name[],
  help: string,
  main: (flags: Flags<Name>) => void | Promise<void>,
): Promise<void> => {
  try {
    const flags = readFlags(names)
    if (flags.help) process.stdout.write(help)
    else await main(flags)
  } catch (error) {
    const wrongUse = error instanceof UsageError || error instanceof RangeError
    const message = error instanceof Error ? error.message : String(error)
    process.stderr.write(`${message}${wrongUse ? '\nSee --help.' : ''}\n`)
    process.exitCode = wrongUse ? 2 : 1
  }
}
