import { PolkuError } from '../../errors/errors.ts'

/** What a person may do: explore and train, operate flows, judge reports and models, or all of it and people besides. */
export type Role = 'analyst' | 'operator' | 'reviewer' | 'administrator'

export const everyRole: readonly Role[] = ['analyst', 'operator', 'reviewer', 'administrator']

/** Who sends a request. */
export interface Person {
  readonly id: string
  readonly name: string
  readonly role: Role
  /** The clients that this person may see; undefined for all. */
  readonly clients: readonly string[] | undefined
  /** What the person signed in with: the id of a token or of a session. */
  readonly by: { readonly kind: 'token' | 'session'; readonly id: string }
}

/**
 * Lets pass who may decide over people: who is limited to some clients could else give more than is theirs. Throws
 * ADMINISTRATOR_LIMITED.
 */
export function requireUnlimitedAdministrator({ role, clients }: Person): void {
  if (role !== 'administrator' || clients !== undefined) throw new PolkuError('ADMINISTRATOR_LIMITED')
}
