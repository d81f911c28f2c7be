import { Secrets, type SecretValues } from '../../step/secrets.ts'

let secrets = new Secrets()
let isWatched = false

/** From now on, nothing that this process prints holds one of these. */
export function keepSecret(values: SecretValues): void {
  secrets = new Secrets(values)
  if (isWatched || secrets.isEmpty) return
  isWatched = true
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream)
    stream.write = ((chunk: string | Uint8Array, ...others: []) => {
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8')
      return write(secrets.redact(text), ...others)
    }) as typeof stream.write // what follows the text is passed on as it came
  }
}
