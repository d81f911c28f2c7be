import { PolkuError } from '../../errors/errors.ts'
import type { Role } from '../http/endpoint.ts'

/** Who asks. */
export interface Person {
  readonly id: string
  readonly name: string
  readonly role: Role
  /** The clients that this person may see; undefined for all. */
  readonly clients: readonly string[] | undefined
  /** What the person signed in with: the id of a token or of a session. */
  readonly by: { readonly kind: 'token' | 'session'; readonly id: string }
}

export const maySee = ({ clients }: Person, client: string): boolean =>
  clients === undefined || clients.includes(client)

/**
 * Lets pass who may decide over people: who is limited to some clients could else give more than is theirs. Throws
 * ADMINISTRATOR_LIMITED.
 */
export function requireChief({ role, clients }: Person): void {
  if (role !== 'administrator' || clients !== undefined) throw new PolkuError('ADMINISTRATOR_LIMITED')
}
