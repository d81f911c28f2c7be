import type { Workspace } from '../../data/workspace.ts'
import { PolkuError } from '../../errors/errors.ts'
import type { Service } from '../../service/service.ts'
import type { Person } from './person.ts'

export const maySee = ({ clients }: Person, client: string): boolean =>
  clients === undefined || clients.includes(client)

/** Says no more of a client that may not be seen than of one that is not there. */
export const unknownClient = (client: string): PolkuError =>
  new PolkuError('CLIENT_UNKNOWN', { client, nearest: 'A client that you may see.' })

/** The clients that a query names and the person may see; undefined for all. Throws CLIENT_UNKNOWN. */
export function visibleClients(person: Person, client: string | undefined): readonly string[] | undefined {
  if (client === undefined) return person.clients
  if (!maySee(person, client)) throw unknownClient(client)
  return [client]
}

/** A client's workspace. Throws CLIENT_UNKNOWN without naming other clients. */
export function workspaceOf(service: Service, client: string): Workspace {
  try {
    return service.clients.get(client)
  } catch (error) {
    if (error instanceof PolkuError && error.code === 'CLIENT_UNKNOWN') throw unknownClient(client)
    throw error
  }
}
