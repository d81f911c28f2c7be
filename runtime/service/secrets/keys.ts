import { createHash, randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PolkuError } from '../../errors/errors.ts'
import { isSystemError } from '../../errors/system-error.ts'

/** 32 bytes with which the service encrypts, and the id by which it is known again. */
export interface ServiceKey {
  readonly id: string
  readonly bytes: Buffer
}

/** The first encrypts; all decrypt, so that one key can take the place of another. */
export type ServiceKeys = readonly [ServiceKey, ...ServiceKey[]]

const toKey = (text: string): ServiceKey | undefined => {
  const bytes = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64')
  if (bytes.length !== 32) return undefined
  return { id: createHash('sha256').update('polku key').update(bytes).digest('hex').slice(0, 12), bytes }
}

/**
 * The service's keys: those of `configured` (POLKU_SECRET_KEY, with commas between several), or of the file `secret.key` in
 * `folder`, which is made where it is missing and only this user reads. Throws SECRET_KEY_INVALID, SECRET_KEY_OPEN.
 */
export function openKeys(folder: string, configured: string | undefined): ServiceKeys {
  const texts = configured === undefined ? [ofFile(join(folder, 'secret.key'))] : configured.split(',')
  const [first, ...others] = texts.map((text) => {
    const key = toKey(text.trim())
    if (!key) throw new PolkuError('SECRET_KEY_INVALID')
    return key
  })
  if (!first) throw new PolkuError('SECRET_KEY_INVALID')
  return [first, ...others]
}

function ofFile(file: string): string {
  try {
    if ((statSync(file).mode & 0o077) !== 0) throw new PolkuError('SECRET_KEY_OPEN', { file })
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error
  }
  make(file)
  return ofFile(file)
}

/** Whole or not at all, and once only, whoever else makes it now. */
function make(file: string): void {
  const temporary = `${file}-${randomBytes(6).toString('hex')}`
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(temporary, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
  try {
    linkSync(temporary, file)
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error
  } finally {
    rmSync(temporary, { force: true })
  }
}
