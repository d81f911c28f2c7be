// A backslash that is itself escaped is passed over. JSON.stringify escapes only the half of a character that lacks its other.
const refused = /\\(\\|u0000|ud[89a-f][0-9a-f]{2})/g

/**
 * JSON as PostgreSQL takes it: it refuses texts and names with half a character or a zero in them, which JavaScript's
 * own messages and clients' files may have.
 */
export const toJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(refused, (found, escaped: string) => (escaped === '\\' ? found : '\\ufffd'))
