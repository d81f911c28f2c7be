import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { Workspace } from '../../../runtime/data/workspace.ts'
import { environmentSecrets } from '../../../runtime/step/environment-secrets.ts'
import { Secrets, secretNames } from '../../../runtime/step/secrets.ts'
import { openBench } from '../../nodes/one-node.ts'

const bench = openBench()
afterAll(() => bench.close())

const secretsOf = (values: Readonly<Record<string, string>>) =>
  new Secrets(
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, fingerprint: `f ${name}` }])),
  )

describe('secrets', () => {
  const secrets = secretsOf({ KEY: 'sala"sana 12', LONG: 'sala"sana 12 and more' })

  test('stand in settings in place of their names, however deep', () => {
    const settings = {
      url: 'a:${secret.KEY}@b',
      list: ['${ secret.LONG }', 3],
      on: true,
      other: '${secret.NONE} ${params.x}',
    }
    expect(secrets.reveal(settings)).toEqual({
      url: 'a:sala"sana 12@b',
      list: ['sala"sana 12 and more', 3],
      on: true,
      other: '${secret.NONE} ${params.x}',
    })
    expect(secretNames('a:${secret.KEY}@b ${ secret.LONG }')).toEqual(['KEY', 'LONG'])
    expect(secrets.fingerprints(['KEY', 'LONG', 'NONE', 'constructor'])).toEqual({ KEY: 'f KEY', LONG: 'f LONG' })
  })

  test('are not put in twice: a value that looks like a name stays as it is', () => {
    const nested = secretsOf({ OUTER: '${secret.INNER}', INNER: 'the inner value' })
    expect(nested.reveal('${secret.OUTER}')).toBe('${secret.INNER}')
  })

  test('are taken out of what is written, the longer before its part', () => {
    expect(secrets.redact({ text: ['x sala"sana 12 and more, sala"sana 12'], 'sala"sana 12': null })).toEqual({
      text: ['x ${secret.LONG}, ${secret.KEY}'],
      '${secret.KEY}': null,
    })
    const columns = { numbers: new Float64Array([1, 2]) }
    expect(secrets.redact(columns).numbers).toBe(columns.numbers)
  })

  test('are found in any text, as they are and as JSON, addresses, SQL and base64 write them', () => {
    const value = fc.string({ unit: 'grapheme', minLength: 8, maxLength: 40 }).filter((text) => text.isWellFormed())
    const ways: readonly ((text: string) => string)[] = [
      (text) => text,
      (text) => JSON.stringify(text),
      encodeURIComponent,
      (text) => `'${text.replaceAll("'", "''")}'`,
      (text) => Buffer.from(text).toString('base64'),
    ]
    fc.assert(
      fc.property(value, fc.string(), fc.constantFrom(...ways), (secret, around, way) => {
        const redacted = secretsOf({ S: secret }).redact({ text: `${around}${way(secret)}${around}` })
        // What stands around may hold it too; then nothing of it is left there either.
        expect(redacted.text.replaceAll('${secret.S}', '')).not.toContain(way(secret).replace(/^["']|["'=]+$/g, ''))
      }),
      { seed: 20_260_302, numRuns: 500 },
    )
  })
})

describe('the command line', () => {
  const workspace = Workspace.open(bench.root)
  workspace.prepare()

  test('takes secrets from POLKU_SECRET_NAME, and never the service’s own key', () => {
    const secrets = environmentSecrets(workspace, {
      POLKU_SECRET_API_KEY: 'a value of it',
      POLKU_SECRET_KEY: 'the key of the service',
      POLKU_SECRET_small: 'no name of one',
      OTHER: 'something else',
    })
    expect(Object.keys(secrets)).toEqual(['API_KEY'])
    expect(secrets.API_KEY?.value).toBe('a value of it')
    const again = environmentSecrets(workspace, { POLKU_SECRET_API_KEY: 'a value of it' })
    expect(again.API_KEY?.fingerprint).toBe(secrets.API_KEY?.fingerprint)
    const other = environmentSecrets(workspace, { POLKU_SECRET_API_KEY: 'another value' })
    expect(other.API_KEY?.fingerprint).not.toBe(secrets.API_KEY?.fingerprint)
    for (const file of readdirSync(workspace.internal(), { recursive: true, encoding: 'utf8' })) {
      const path = join(workspace.internal(), file)
      if (existsSync(path) && /json$/.test(path)) expect(readFileSync(path, 'utf8')).not.toContain('a value of it')
    }
  })

  test('refuses one that is too short to be kept out of what a run tells', () => {
    expect(() => environmentSecrets(workspace, { POLKU_SECRET_PIN: '1234' })).toThrow(
      expect.objectContaining({ code: 'SECRET_INVALID' }),
    )
  })
})
