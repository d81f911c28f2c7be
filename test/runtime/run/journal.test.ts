import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Workspace } from '../../../runtime/data/workspace.ts'
import { RunFolder } from '../../../runtime/run/folder.ts'
import { Journal } from '../../../runtime/run/journal.ts'
import { Secrets } from '../../../runtime/step/secrets.ts'
import { run } from '../../fixtures/runs/record.ts'
import { withWorkspace } from '../../workspace.ts'

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => vi.useRealTimers())

const withJournal = (
  work: (context: { journal: Journal; record: ReturnType<typeof run>; title: () => string; folder: string }) => void,
) =>
  withWorkspace(async (root) => {
    const workspace = Workspace.open(root)
    mkdirSync(join(root, '.polku', 'tmp'), { recursive: true })
    const id = '20261001-000000001-campaign-abcd'
    const folder = new RunFolder(workspace, id)
    folder.create({ flowFile: 'flows/campaign.yaml', params: {}, asOf: '2026-10-01' })
    const record = run({ run: id, status: 'running', steps: [] })
    const journal = new Journal(folder, record, {
      workspace,
      secrets: new Secrets(),
      now: () => 1e12,
      position: () => ({ step: 'scaled' }),
    })
    work({ journal, record, title: () => folder.record?.title ?? 'none', folder: join(root, '.polku', 'runs', id) })
    journal.close()
  })

test('run.json follows within a quarter of a second, however much happens, and at once where it must', () =>
  withJournal(({ journal, record, title, folder }) => {
    journal.saveSoon()
    expect(title()).toBe('none')
    for (let step = 0; step < 1000; step += 1) {
      record.title = `after ${step}`
      journal.saveSoon()
    }
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(250)
    expect(title()).toBe('after 999')
    record.title = 'the end'
    journal.saveSoon()
    journal.save()
    expect([title(), vi.getTimerCount()]).toEqual(['the end', 0])
    journal.event('step done', { step: 'scaled' })
    expect(JSON.parse(readFileSync(join(folder, 'events.jsonl'), 'utf8'))).toEqual({
      at: '2001-09-09T01:46:40.000Z',
      event: 'step done',
      step: 'scaled',
    })
  }))

test('what goes wrong while nobody waits for it is told by the next who does', () =>
  withJournal(({ journal, folder }) => {
    journal.saveSoon()
    rmSync(folder, { recursive: true })
    mkdirSync(join(folder, 'run.json', 'taken'), { recursive: true })
    vi.advanceTimersByTime(250)
    expect(() => journal.saveSoon()).toThrow(/EISDIR|ENOTEMPTY|EEXIST/)
    expect(() => journal.save()).toThrow(/EISDIR|ENOTEMPTY|EEXIST/)
  }))
