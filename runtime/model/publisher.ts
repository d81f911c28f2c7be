import { userInfo } from 'node:os'

/** Who made a version of a model: whoever started the run, or works on the command line or in a notebook. */
export interface Publisher {
  /** A person's name in the service, the name of the schedule, or the user's of the system. */
  readonly name: string
  /** The person's id in the service. */
  readonly person?: string
  readonly run?: string
}

// Kernels of notebooks are processes of their own: the environment reaches them.
const variable = 'POLKU_PUBLISHER'

/** From now on, this process and those that it starts publish as `publisher`. */
export function publishAs(publisher: Publisher): void {
  process.env[variable] = JSON.stringify(publisher)
}

/** As whom this process publishes. */
export function currentPublisher(): Publisher {
  const text = process.env[variable]
  return text === undefined ? { name: systemUser() } : (JSON.parse(text) as Publisher) // `publishAs` has written it
}

function systemUser(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run as a user that has no name.
    return `user ${process.getuid?.() ?? 'unknown'}`
  }
}
