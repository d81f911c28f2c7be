import { expect, test } from 'vitest'
import { counted, percent } from '../../../nodes/lib/words.ts'

test('numbers in sentences', () => {
  expect(counted(1, 'customer', 'customers')).toBe('1 customer')
  expect(counted(0, 'customer', 'customers')).toBe('0 customers')
  expect(counted(1234567, 'customer', 'customers')).toBe('1\u202f234\u202f567 customers')
  expect(percent(0.0214)).toBe('2.1\u00a0%')
  expect(percent(0.0001)).toBe('<\u00a00.1\u00a0%')
  expect(percent(0)).toBe('0.0\u00a0%')
})
