/**
 * Text that cannot rewrite the terminal: control characters, and those that turn the direction of
 * writing around, become the replacement mark; line ends and tabs stay.
 */
export const printable = (text: string): string =>
  text.replaceAll(/(?![\n\t])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
