import { existsSync, readFileSync } from 'node:fs'
import type { RunFolder } from '../folder.ts'
import type { RunRecord } from '../record.ts'
import { renderReport } from './report.ts'

/** Renders the report of a run that has ended into its folder, and gives the record that names it. */
export function writeReport(record: RunRecord, folder: RunFolder): RunRecord {
  const reported = { ...record, report: folder.report }
  folder.writeReport(renderReport(reported))
  folder.write(reported)
  return reported
}

/**
 * The report of a run as HTML, for whoever opens it. One that was rendered is given as it is, because approvals rest
 * on it; of a run that has ended it is rendered once and kept, of one that goes on it is rendered as far as it is.
 * Undefined where the run has left no record. Throws DISK_FULL and WORKSPACE_NOT_WRITABLE as the system says them.
 */
export function renderRunReport(folder: RunFolder): string | undefined {
  const { record } = folder
  if (record === undefined) return undefined
  if (record.status === 'running') return renderReport(record)
  if (!existsSync(folder.reportPath)) writeReport(record, folder)
  return readFileSync(folder.reportPath, 'utf8')
}
