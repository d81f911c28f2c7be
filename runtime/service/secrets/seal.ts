import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import type { ServiceKey, ServiceKeys } from './keys.ts'

const ivBytes = 12
const tagBytes = 16

/** Encrypts a text (AES-256-GCM) so that it is read again only for the same `purpose`. */
export function seal({ bytes }: ServiceKey, purpose: readonly string[], text: string): Buffer {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', bytes, iv).setAAD(Buffer.from(JSON.stringify(purpose)))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), sealed])
}

/** What was sealed; undefined where it was changed, or sealed with another key or for another purpose. */
export function unseal({ bytes }: ServiceKey, purpose: readonly string[], sealed: Buffer): string | undefined {
  if (sealed.length < ivBytes + tagBytes) return undefined
  const decipher = createDecipheriv('aes-256-gcm', bytes, sealed.subarray(0, ivBytes), { authTagLength: tagBytes })
    .setAAD(Buffer.from(JSON.stringify(purpose)))
    .setAuthTag(sealed.subarray(ivBytes, ivBytes + tagBytes))
  try {
    return decipher.update(sealed.subarray(ivBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8')
  } catch {
    // Node says no more than that it is not what was sealed.
    return undefined
  }
}

export const keyOf = (keys: ServiceKeys, id: string): ServiceKey | undefined => keys.find((key) => key.id === id)

/** A hash that tells nothing of the text to who lacks the key: it shows only whether the text is the same. */
export const keyedHash = ({ bytes }: ServiceKey, purpose: readonly string[], text: string): string =>
  createHmac('sha256', bytes)
    .update(JSON.stringify(['hash', ...purpose, text]))
    .digest('hex')
    .slice(0, 32)
