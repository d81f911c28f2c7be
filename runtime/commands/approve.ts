import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Workspace } from '../data/workspace.ts'
import { approveModel } from '../engine/approval.ts'
import { say } from './say.ts'

/** Approves one version of a model on a report, and says so. Throws what `approveModel` throws. */
export function approve(
  workspace: string,
  model: string,
  options: { readonly report: string; readonly by: string; readonly note?: string },
): void {
  // A report is named from the current folder or from the workspace.
  const here = resolve(options.report)
  const report = existsSync(here) ? here : options.report
  approveModel(Workspace.open(workspace), { model, ...options, report, now: Date.now() })
  say(`${model} is approved by ${options.by}. Flows that use model/${model.split('@')[0]}@approved now use it.\n`)
}
