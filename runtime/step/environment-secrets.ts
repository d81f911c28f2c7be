import { createHmac, randomBytes } from 'node:crypto'
import { createExclusively, readJson } from '../data/files.ts'
import type { Workspace } from '../data/workspace.ts'
import { PolkuError } from '../errors/errors.ts'
import { type SecretValues, shortestSecret } from './secrets.ts'

const variable = /^POLKU_SECRET_([A-Z][A-Z0-9_]{0,63})$/

/**
 * The secrets of the command line: POLKU_SECRET_NAME is `${secret.NAME}`. POLKU_SECRET_KEY is the service's own key and
 * none of them. Throws SECRET_INVALID for one that is too short or too long.
 */
export function environmentSecrets(workspace: Workspace, environment: NodeJS.ProcessEnv): SecretValues {
  const variables = Object.entries(environment).flatMap(([key, value]): [string, string][] => {
    const name = variable.exec(key)?.[1]
    return name === undefined || name === 'KEY' || value === undefined ? [] : [[name, value]]
  })
  if (variables.length === 0) return {}
  const key = hashKey(workspace)
  return Object.fromEntries(
    variables.map(([name, value]) => {
      if (value.length < shortestSecret || value.length > 10_000)
        throw new PolkuError('SECRET_INVALID', { name, reason: `it has ${value.length} characters` })
      const fingerprint = createHmac('sha256', key)
        .update(JSON.stringify([name, value]))
        .digest('hex')
        .slice(0, 32)
      return [name, { value, fingerprint }]
    }),
  )
}

/** Of this workspace only: without it, nobody tries out from a step's key what a secret might be. */
function hashKey(workspace: Workspace): string {
  const file = workspace.internal('secret-hash.json')
  const created = { key: randomBytes(32).toString('base64') }
  // Where another process was first, its key is everybody's.
  const isFirst = createExclusively(file, JSON.stringify(created), workspace.internal('tmp'))
  return isFirst ? created.key : readJson<{ key: string }>(file).key
}
