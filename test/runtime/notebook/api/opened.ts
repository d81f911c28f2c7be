import { type NotebookWorkspace, open } from '../../../../runtime/notebook/api/open.ts'
import { withWorkspace } from '../../../workspace.ts'

/** An opened copy of the test workspace, closed and removed when `work` ends. */
export const withNotebook = <T>(work: (workspace: NotebookWorkspace, root: string) => Promise<T>): Promise<T> =>
  withWorkspace(async (root) => {
    const workspace = await open(root, { asOf: '2026-10-01' })
    try {
      return await work(workspace, root)
    } finally {
      await workspace.close()
    }
  })

/** How a call fails: the code and what it says. */
export const failure = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'it did not fail',
    (error: unknown) => String(error),
  )
