import { describe, expect, test } from 'vitest'
import { COUNTRIES, countryOf } from '../../../nodes/lib/countries.ts'

const fits = (code: string, postal: string) => new RegExp(`^(?:${countryOf(code).postal})$`).test(postal)

// Codes of public buildings and the like, as their countries' posts print them, without blanks and hyphens.
test.each([
  ['FI', '00100', '0010'],
  ['AX', '22100', '00100'],
  ['SE', '11455', '01145'],
  ['NO', '0150', '01500'],
  ['DK', '1050', '105'],
  ['IS', '101', '1010'],
  ['EE', '10130', '1013'],
  ['LV', '1050', '10500'],
  ['PL', '00950', '0095'],
  ['DE', '10557', '1055'],
  ['CH', '3003', '0300'],
  ['LI', '9490', '9590'],
  ['NL', '2513AA', '25131A'],
  ['ES', '52001', '53001'],
  ['PT', '1249068', '1249'],
  ['MT', 'VLT1117', 'VL1117'],
  ['GB', 'SW1A1AA', 'SW1A1A'],
  ['GB', 'M11AE', 'QM11AE'],
  ['GB', 'EC1A1BB', '1ECA1BB'],
  ['GB', 'GIR0AA', 'GIR0A'],
  ['IE', 'D02AF30', 'D02AF3'],
  ['IE', 'D6WXH58', 'B02AF30'],
  ['US', '20500', '2050'],
  ['US', '205000003', '20500000'],
  ['CA', 'K1A0A6', 'D1A0A6'],
  ['JP', '1008111', '100811'],
])('%s has %s and not %s', (code, right, wrong) => {
  expect(fits(code, right)).toBe(true)
  expect(fits(code, wrong)).toBe(false)
})

describe('the table', () => {
  test('names each country once', () => {
    const names = COUNTRIES.flatMap(({ code, aliases }) => [code, ...aliases])
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([])
    expect(names.filter((name) => name !== name.toUpperCase())).toEqual([])
    expect(
      COUNTRIES.filter(({ code, aliases }) => !/^[A-Z]{2}$/.test(code) || !/^[A-Z]{3}$/.test(aliases[0] ?? '')),
    ).toEqual([])
  })

  test('knows where codes are only digits, and where letters come first', () => {
    expect(countryOf('FI').postalDigits).toBe(5)
    expect(countryOf('SE').postalDigits).toBe(5)
    expect(countryOf('US').postalDigits).toBeUndefined()
    expect(COUNTRIES.filter(({ postalStart }) => postalStart === 'letter').map(({ code }) => code)).toEqual([
      'MT',
      'GB',
      'IE',
      'CA',
    ])
    expect(() => countryOf('ZZ')).toThrow(RangeError)
  })
})
