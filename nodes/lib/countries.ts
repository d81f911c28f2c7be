/** What an address or a telephone number of a country looks like. */
export interface Country {
  /** ISO 3166-1 alpha-2. */
  readonly code: string
  /** Other ways in which registers write the country, in capitals: alpha-3 and names. */
  readonly aliases: readonly string[]
  /** The country calling code of ITU-T E.164. */
  readonly calling: string
  /** What is dialled before a national number inside the country, and dropped after the calling code; empty where nothing is. */
  readonly trunk: string
  /** A whole postal code in capitals, without blanks, hyphens and country prefix, as an RE2 pattern. */
  readonly postal: string
  /** The number of digits, where a postal code is nothing but digits and always equally long. */
  readonly postalDigits: number | undefined
  /** What a postal code begins with: a letter before a digit is a country prefix in some countries and part of the code in others. */
  readonly postalStart: 'digit' | 'letter'
}

type Row = readonly [code: string, aliases: readonly string[], calling: string, trunk: string, postal: string]

// Postal codes: Universal Postal Union, "Addressing solutions: postal addressing systems in member
// countries"; the finer rules of Great Britain: Royal Mail, "Programmers' guide to the Postcode Address
// File"; of Canada: Canada Post, "Addressing guidelines"; of Ireland: Eircode, "Product guide".
// Calling codes and trunk prefixes: ITU, lists to recommendation E.164.
const TABLE: readonly Row[] = [
  ['FI', ['FIN', 'FINLAND', 'SUOMI'], '358', '0', '\\d{5}'],
  ['AX', ['ALA', 'ÅLAND', 'AHVENANMAA'], '358', '0', '22\\d{3}'],
  ['SE', ['SWE', 'SWEDEN', 'RUOTSI', 'SVERIGE'], '46', '0', '[1-9]\\d{4}'],
  ['NO', ['NOR', 'NORWAY', 'NORJA', 'NORGE'], '47', '', '\\d{4}'],
  ['DK', ['DNK', 'DENMARK', 'TANSKA', 'DANMARK'], '45', '', '\\d{4}'],
  ['IS', ['ISL', 'ICELAND', 'ISLANTI'], '354', '', '\\d{3}'],
  ['FO', ['FRO', 'FAROE ISLANDS', 'FÄRSAARET'], '298', '', '\\d{3}'],
  ['GL', ['GRL', 'GREENLAND', 'GRÖNLANTI'], '299', '', '39\\d{2}'],
  ['EE', ['EST', 'ESTONIA', 'VIRO', 'EESTI'], '372', '', '\\d{5}'],
  ['LV', ['LVA', 'LATVIA'], '371', '', '\\d{4}'],
  ['LT', ['LTU', 'LITHUANIA', 'LIETTUA'], '370', '0', '\\d{5}'],
  ['PL', ['POL', 'POLAND', 'PUOLA'], '48', '', '\\d{5}'],
  ['DE', ['DEU', 'GERMANY', 'SAKSA', 'DEUTSCHLAND'], '49', '0', '\\d{5}'],
  ['AT', ['AUT', 'AUSTRIA', 'ITÄVALTA'], '43', '0', '[1-9]\\d{3}'],
  ['CH', ['CHE', 'SWITZERLAND', 'SVEITSI'], '41', '0', '[1-9]\\d{3}'],
  ['LI', ['LIE', 'LIECHTENSTEIN'], '423', '', '94\\d{2}'],
  ['NL', ['NLD', 'NETHERLANDS', 'ALANKOMAAT'], '31', '0', '[1-9]\\d{3}[A-Z]{2}'],
  ['BE', ['BEL', 'BELGIUM', 'BELGIA'], '32', '0', '[1-9]\\d{3}'],
  ['LU', ['LUX', 'LUXEMBOURG', 'LUXEMBURG'], '352', '', '\\d{4}'],
  ['FR', ['FRA', 'FRANCE', 'RANSKA'], '33', '0', '\\d{5}'],
  ['MC', ['MCO', 'MONACO'], '377', '', '980\\d{2}'],
  ['ES', ['ESP', 'SPAIN', 'ESPANJA'], '34', '', '(0[1-9]|[1-4]\\d|5[0-2])\\d{3}'],
  ['PT', ['PRT', 'PORTUGAL', 'PORTUGALI'], '351', '', '[1-9]\\d{6}'],
  ['IT', ['ITA', 'ITALY', 'ITALIA'], '39', '', '\\d{5}'],
  ['MT', ['MLT', 'MALTA'], '356', '', '[A-Z]{3}\\d{4}'],
  ['GR', ['GRC', 'GREECE', 'KREIKKA'], '30', '', '\\d{5}'],
  ['CY', ['CYP', 'CYPRUS', 'KYPROS'], '357', '', '\\d{4}'],
  ['CZ', ['CZE', 'CZECHIA', 'CZECH REPUBLIC', 'TŠEKKI'], '420', '', '[1-7]\\d{4}'],
  ['SK', ['SVK', 'SLOVAKIA'], '421', '0', '[089]\\d{4}'],
  ['HU', ['HUN', 'HUNGARY', 'UNKARI'], '36', '06', '[1-9]\\d{3}'],
  ['SI', ['SVN', 'SLOVENIA'], '386', '0', '[1-9]\\d{3}'],
  ['HR', ['HRV', 'CROATIA', 'KROATIA'], '385', '0', '\\d{5}'],
  ['RO', ['ROU', 'ROMANIA'], '40', '0', '\\d{6}'],
  ['BG', ['BGR', 'BULGARIA'], '359', '0', '[1-9]\\d{3}'],
  ['UA', ['UKR', 'UKRAINE', 'UKRAINA'], '380', '0', '\\d{5}'],
  ['RU', ['RUS', 'RUSSIA', 'VENÄJÄ'], '7', '8', '[1-9]\\d{5}'],
  ['TR', ['TUR', 'TURKEY', 'TÜRKIYE', 'TURKKI'], '90', '0', '\\d{5}'],
  [
    'GB',
    ['GBR', 'UK', 'UNITED KINGDOM', 'GREAT BRITAIN', 'ISO-BRITANNIA'],
    '44',
    '0',
    'GIR0AA|[A-PR-UWYZ](\\d{1,2}|[A-HK-Y]\\d{1,2}|\\d[A-HJKPSTUW]|[A-HK-Y]\\d[ABEHMNPRVWXY])\\d[ABD-HJLNP-UW-Z]{2}',
  ],
  ['IE', ['IRL', 'IRELAND', 'IRLANTI'], '353', '0', '([AC-FHKNPRTV-Y]\\d{2}|D6W)[0-9AC-FHKNPRTV-Y]{4}'],
  ['US', ['USA', 'UNITED STATES', 'YHDYSVALLAT'], '1', '1', '\\d{5}(\\d{4})?'],
  ['CA', ['CAN', 'CANADA', 'KANADA'], '1', '1', '[ABCEGHJ-NPRSTVXY]\\d[ABCEGHJ-NPRSTV-Z]\\d[ABCEGHJ-NPRSTV-Z]\\d'],
  ['AU', ['AUS', 'AUSTRALIA'], '61', '0', '\\d{4}'],
  ['NZ', ['NZL', 'NEW ZEALAND', 'UUSI-SEELANTI'], '64', '0', '\\d{4}'],
  ['JP', ['JPN', 'JAPAN', 'JAPANI'], '81', '0', '\\d{7}'],
  ['CN', ['CHN', 'CHINA', 'KIINA'], '86', '0', '\\d{6}'],
  ['IN', ['IND', 'INDIA', 'INTIA'], '91', '0', '[1-9]\\d{5}'],
]

/** Digits of a pattern such as `\d{5}` or `[1-9]\d{4}`. */
const digitsOf = (postal: string): number | undefined => {
  const plain = /^(\[\d-\d\])?\\d\{(\d)\}$/.exec(postal)
  return plain ? Number(plain[2]) + (plain[1] ? 1 : 0) : undefined
}

/** Countries whose postal codes and telephone numbers can be checked. */
export const COUNTRIES: readonly Country[] = TABLE.map(([code, aliases, calling, trunk, postal]) => ({
  code,
  aliases,
  calling,
  trunk,
  postal,
  postalDigits: digitsOf(postal),
  postalStart: /^(GIR|\(?\[A)/.test(postal) ? 'letter' : 'digit',
}))

/** The country of an ISO 3166-1 alpha-2 code. Throws a RangeError where the table has none. */
export const countryOf = (code: string): Country => {
  const country = COUNTRIES.find((country) => country.code === code)
  if (!country) throw new RangeError(`No country ${code} in the table of postal codes.`)
  return country
}
