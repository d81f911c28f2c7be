import type { Publisher } from '../../model/publisher.ts'
import type { RunQueue } from './queue.ts'
import type { RunRow } from './run.ts'

const byPeople = ['request', 'retry']

/** As whom a run publishes models: the person who asked for it, or for the run that began it; else what began it. */
export async function publisherOf(queue: Pick<RunQueue, 'get'>, run: RunRow): Promise<Publisher> {
  const { kind, by, person, askedBy } = run.trigger
  const beginner = run.parent ?? (kind === 'flow' ? by : undefined)
  const before = beginner === undefined ? undefined : await queue.get(run.client, beginner)
  if (before) return { ...(await publisherOf(queue, before)), run: run.id }
  if (byPeople.includes(kind)) return { name: by, person, run: run.id }
  return { name: askedBy ?? `${kind} ${by}`, run: run.id }
}
