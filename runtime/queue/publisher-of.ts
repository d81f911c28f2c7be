import type { Publisher } from '../model/publisher.ts'
import type { RunQueue } from './run-queue.ts'
import type { RunRow } from './run-row.ts'

const byPeople = ['request', 'retry']

/** As whom a run publishes models: the person who asked for it, or for the run that began it; else what began it. */
export async function publisherOf(queue: Pick<RunQueue, 'get'>, run: RunRow): Promise<Publisher> {
  const parent = run.parent === null ? undefined : await queue.get(run.client, run.parent)
  if (parent) return { ...(await publisherOf(queue, parent)), run: run.id }
  const { kind, by, person } = run.trigger
  return byPeople.includes(kind) ? { name: by, person, run: run.id } : { name: `${kind} ${by}`, run: run.id }
}
