import { PolkuError } from '../errors/errors.ts'

/** The parameters that `--param name=value` gives. Throws USAGE for one without `=`. */
export function paramsOf(pairs: readonly string[]): Record<string, string> {
  const params = pairs.map((pair): [string, string] => {
    const at = pair.indexOf('=')
    if (at < 1) throw new PolkuError('USAGE', { reason: `--param ${pair} has no value; write --param name=value.` })
    return [pair.slice(0, at), pair.slice(at + 1)]
  })
  return Object.fromEntries(params)
}
