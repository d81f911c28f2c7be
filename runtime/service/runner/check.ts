import type { Workspace } from '../../data/workspace.ts'
import { PolkuError } from '../../errors/errors.ts'
import type { ProblemRecord } from '../../errors/problem.ts'
import type { SecretValues } from '../../step/secrets.ts'
import type { CheckOrder } from './messages.ts'
import { Runner, RunnerDied } from './process.ts'

/** What a check may take, in bytes and ms. */
const memory = 2 ** 30
const within = 60_000

export type FlowToCheck = Omit<CheckOrder, 'folder' | 'secrets'>

/**
 * What is wrong with each of these texts of a client's flows, in a process of their own: a check loads the client's
 * nodes. None is run.
 */
export async function checkFlows(
  workspace: Workspace,
  flows: readonly FlowToCheck[],
  secrets: SecretValues,
): Promise<(readonly ProblemRecord[])[]> {
  let runner: Runner | undefined
  const problems: (readonly ProblemRecord[])[] = []
  try {
    for (const flow of flows) {
      if (!runner?.isAlive) runner = new Runner(workspace.client.client, { memory, folder: workspace.root })
      problems.push(await checkOne(runner, { ...flow, folder: workspace.root, secrets }))
    }
    return problems
  } finally {
    await runner?.close()
  }
}

async function checkOne(runner: Runner, order: CheckOrder): Promise<readonly ProblemRecord[]> {
  const late = setTimeout(() => runner.kill(), within)
  try {
    return await runner.check(order)
  } catch (error) {
    if (!(error instanceof RunnerDied)) throw error
    return [new PolkuError('CHECK_CRASHED', { flow: order.flow, reason: error.message }).toProblem()]
  } finally {
    clearTimeout(late)
  }
}
