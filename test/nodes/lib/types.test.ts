import { expect, test } from 'vitest'
import { comparable, kindOf, typeOf } from '../../../nodes/lib/types.ts'

test.each([
  ['BIGINT', 'a number'],
  ['UTINYINT', 'a number'],
  ['DECIMAL(18,2)', 'a number'],
  ['VARCHAR', 'text'],
  ["ENUM('a', 'b')", 'text'],
  ['TIMESTAMP WITH TIME ZONE', 'a date'],
  ['BOOLEAN', 'true or false'],
  ['INTEGER[]', 'a nested value'],
  ['DECIMAL(18,2)[3]', 'a nested value'],
  ['STRUCT(a INTEGER)', 'a nested value'],
  ['INTERVAL', 'INTERVAL'],
])('%s is %s', (type, kind) => {
  expect(kindOf(type)).toBe(kind)
})

test('values of one kind are compared, nested ones only with their like', () => {
  expect(comparable('INTEGER', 'DECIMAL(10,2)')).toBe(true)
  expect(comparable('DATE', 'TIMESTAMP')).toBe(true)
  expect(comparable('INTEGER', 'VARCHAR')).toBe(false)
  expect(comparable('INTEGER[]', 'INTEGER[]')).toBe(true)
  expect(comparable('INTEGER[]', 'VARCHAR[]')).toBe(false)
})

test('a column that is not there has no type', () => {
  const table = { relation: 'x', columns: [{ name: 'a', type: 'DATE' }] }
  expect(typeOf(table, 'a')).toBe('DATE')
  expect(typeOf(table, 'b')).toBe('')
})
