import { expect, test } from 'vitest'
import { freeName, nameFrom, repeatedName, sameName } from '../../../nodes/lib/names.ts'

test('names are the same as DuckDB takes them', () => {
  expect(sameName('Customer_ID', 'customer_id')).toBe(true)
  expect(sameName('Ä', 'ä')).toBe(false)
  expect(repeatedName(['a', 'b', 'A', 'B'])).toBe('A')
  expect(repeatedName(['a', 'b'])).toBeUndefined()
})

test('a free name is none of those taken', () => {
  expect(freeName('row', ['a'])).toBe('row')
  expect(freeName('row', ['ROW', 'row_'])).toBe('row__')
})

test('a text becomes a name that needs no quotes', () => {
  expect(nameFrom('Home & "Garden"')).toBe('home_garden')
  expect(nameFrom('  Säätiöt; drop table x')).toBe('säätiöt_drop_table_x')
  expect(nameFrom('Ä'.normalize('NFD'))).toBe('ä')
  expect(nameFrom('--')).toBe('')
})
