import { expect, test } from 'vitest'
import { currencyName, currencySign, currencyTitle, money } from '../../../nodes/lib/money.ts'

test('amounts in sentences, in the currency of the client', () => {
  expect(money(12.3, 'EUR')).toBe('12.30\u00a0€')
  expect(money(12345.6, 'EUR')).toBe('12\u202f346\u00a0€')
  expect(money(12.3, 'SEK')).toBe('12.30\u00a0kr')
  expect(money(12.3, 'JPY')).toBe('12\u00a0¥')
  expect(money(1234.5, 'CHF')).toBe('1\u202f235\u00a0CHF')
})

test('the sign and the name of a currency', () => {
  expect(['EUR', 'SEK', 'GBP', 'PLN'].map(currencySign)).toEqual(['€', 'kr', '£', 'zł'])
  expect(['EUR', 'SEK'].map(currencyName)).toEqual(['euros', 'Swedish kronor'])
  expect(currencyTitle('EUR')).toBe('Euros')
})
