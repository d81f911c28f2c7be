// Slow: needs the public data in ../shared/data.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { NONEXISTENT_POSTAL_CODES, PLACES } from '../../../examples/sahkoyhtio/generator/names.ts'
import { sharedData } from '../../fixtures/parts.ts'

const register = join(sharedData, 'fi-postal', 'postcodes.csv')

test.skipIf(!existsSync(register))("the example's postal codes agree with the post's own register", () => {
  const types = new Map(
    readFileSync(register, 'utf8')
      .split('\n')
      .map((line) => [line.split(',')[1], line.split(',')[7]]),
  )
  expect(types.size).toBeGreaterThan(3000)
  // Type 1 is an ordinary code, where people live.
  expect(PLACES.filter(({ postalCode }) => types.get(postalCode) !== '1')).toEqual([])
  expect(NONEXISTENT_POSTAL_CODES.filter((code) => types.has(code))).toEqual([])
})
