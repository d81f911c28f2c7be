import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openKeys } from '../../../../runtime/service/secrets/keys.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'polku-keys-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const key = Buffer.alloc(32, 7).toString('base64')

test('several keys are read, as base64 or as hexadecimal digits', () => {
  const keys = openKeys(folder, `${key}, ${Buffer.alloc(32, 8).toString('hex')}`)
  expect(keys.map(({ bytes }) => bytes[0])).toEqual([7, 8])
})

test.each([
  ['nothing', ''],
  ['a short one', Buffer.alloc(31).toString('base64')],
  ['nothing behind a comma', `${key},`],
])('%s is no key', (_, text) => {
  expect(() => openKeys(folder, text)).toThrow(expect.objectContaining({ code: 'SECRET_KEY_INVALID' }))
})

test('without a key one is made that only this user reads, and one that others read is refused', () => {
  const file = join(folder, 'secret.key')
  const [first] = openKeys(folder, undefined)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(openKeys(folder, undefined)[0].id).toBe(first.id)
  chmodSync(file, 0o640)
  expect(() => openKeys(folder, undefined)).toThrow(expect.objectContaining({ code: 'SECRET_KEY_OPEN' }))
  chmodSync(file, 0o600)
  writeFileSync(file, 'short')
  expect(() => openKeys(folder, undefined)).toThrow(expect.objectContaining({ code: 'SECRET_KEY_INVALID' }))
})
