import type { Workspace } from '../data/workspace.ts'
import { PolkuError } from '../errors.ts'
import type { Service } from '../queue/service.ts'
import { unknownClient } from './sign-in.ts'

/** A client's workspace. Throws CLIENT_UNKNOWN without naming other clients. */
export function clientOf(service: Service, name: string): Workspace {
  try {
    return service.clients.get(name)
  } catch (error) {
    if (error instanceof PolkuError && error.code === 'CLIENT_UNKNOWN') throw unknownClient(name)
    throw error
  }
}
