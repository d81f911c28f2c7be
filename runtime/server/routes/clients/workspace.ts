import type { Workspace } from '../../../data/workspace.ts'
import { PolkuError } from '../../../errors/errors.ts'
import type { Service } from '../../../service/service.ts'
import { unknownClient } from '../../access/person.ts'

/** A client's workspace. Throws CLIENT_UNKNOWN without naming other clients. */
export function workspaceOf(service: Service, client: string): Workspace {
  try {
    return service.clients.get(client)
  } catch (error) {
    if (error instanceof PolkuError && error.code === 'CLIENT_UNKNOWN') throw unknownClient(client)
    throw error
  }
}
