import type { Role } from './endpoint.ts'

/** Who asks. */
export interface Person {
  readonly id: string
  readonly name: string
  readonly role: Role
  /** The clients that this person may see; undefined for all. */
  readonly clients: readonly string[] | undefined
}

export const maySee = ({ clients }: Person, client: string): boolean =>
  clients === undefined || clients.includes(client)
