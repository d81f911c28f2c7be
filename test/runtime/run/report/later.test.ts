import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Workspace } from '../../../../runtime/data/workspace.ts'
import { findRun, RunFolder } from '../../../../runtime/run/folder.ts'
import { renderRunReport } from '../../../../runtime/run/report/report.ts'
import { withWorkspace } from '../../../workspace.ts'
import { campaignFlow, runFlow, writeFlow } from '../../engine.ts'

test('a report that is left for later is made when somebody opens it, once, and named in the record', () =>
  withWorkspace(async (root) => {
    writeFlow(root, campaignFlow)
    const record = await runFlow(root, { report: 'later' })
    expect([record.status, record.report]).toEqual(['done', undefined])
    const folder = findRun(Workspace.open(root), record.run)
    expect(existsSync(folder.reportPath)).toBe(false)
    const html = renderRunReport(folder)
    expect(html).toContain('Moments')
    expect(readFileSync(folder.reportPath, 'utf8')).toBe(html)
    expect(folder.record).toEqual({ ...record, report: join('.polku', 'runs', record.run, 'report.html') })
    // What somebody has read, and an approval may rest on, stays as it is.
    folder.write({ ...record, title: 'Another title' })
    expect(renderRunReport(folder)).toBe(html)
    const now = await runFlow(root, { resume: record.run })
    expect(existsSync(join(root, now.report ?? ''))).toBe(true)
  }))

test('of a run that goes on, the report is as far as the run, and is not kept', () =>
  withWorkspace(async (root) => {
    writeFlow(root, campaignFlow)
    let steps = 0
    const record = await runFlow(root, { handOver: () => ++steps > 3 })
    const folder = findRun(Workspace.open(root), record.run)
    expect(record.status).toBe('running')
    expect(renderRunReport(folder)).toContain('Moments')
    expect(existsSync(folder.reportPath)).toBe(false)
  }))

test('a run without a record has no report', () =>
  withWorkspace(async (root) => {
    const folder = new RunFolder(Workspace.open(root), '20261001-000000000-none-0000')
    expect(renderRunReport(folder)).toBeUndefined()
    rmSync(join(root, '.polku'), { recursive: true, force: true })
  }))
