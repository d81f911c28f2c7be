import { id, join, sql } from './sql.ts'
import type { Sql, Table } from './table.ts'

/** What means yes unless a channel says otherwise; capitals and spaces around do not matter. */
export const yesWords = ['yes', 'true', '1', 'kyllä'] as const

export interface Permission {
  /** The column of the permissions. */
  readonly permission: string
  /** The texts that mean yes. */
  readonly allowed: readonly string[]
}

const plain = (text: Sql): Sql => sql`lower(trim(nfc_normalize(cast(${text} as varchar))))`

const isBoolean = (permissions: Table, column: string): boolean =>
  permissions.columns.find(({ name }) => name === column)?.type === 'BOOLEAN'

/**
 * True where a row of `permissions` gives this permission explicitly: a boolean that is true, or one of the allowed
 * texts. Everything else is false, never NULL: a blank, a missing value, a text nobody declared.
 */
export const explicitYes = (permissions: Table, { permission, allowed }: Permission): Sql => {
  if (isBoolean(permissions, permission)) return sql`coalesce(${id(permission)}, false)`
  const words = join(allowed.map((word) => plain(sql`${word}`)))
  return sql`coalesce(${plain(id(permission))} in (${words}), false)`
}

const banWords =
  /^(bans?|banned|block(ed)?|kiell(ot|etty|etyt)|den(y|ied)|forbid(den)?|refus(al|ed)|unsubscribed?|suppress(ed|ion)?|opt ?out|opted ?out|do ?not|dont|no contact)$/

/**
 * Whether a column's name says that its yes is a ban: email_ban, markkinointikielto, optOut, do_not_call. A yes read
 * from it would contact exactly those who must not be.
 */
export const readsAsBan = (column: string): boolean => {
  const words = column
    .replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}]+/u)
  const pairs = words.map((word, index) => `${word} ${words[index + 1] ?? ''}`.trim())
  return [...words, ...pairs].some((word) => banWords.test(word) || /kiel(to|lot)$/.test(word))
}

/** Whether this permission would take a ban for a yes. A column of bans may be used with the texts that mean “no ban”. */
export const takesBanForYes = (permissions: Table, { permission, allowed }: Permission): boolean =>
  readsAsBan(permission) &&
  (isBoolean(permissions, permission) ||
    allowed.some((word) => yesWords.some((yes) => yes === word.trim().toLowerCase())))
