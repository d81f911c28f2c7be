import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeFlow } from '../engine.ts'
import { type Answer, polku } from './polku.ts'

const root = mkdtempSync(join(tmpdir(), 'polku-backfill-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
const ask = (...words: string[]): Promise<Answer> => polku(root, 'backfill', ...words)

// Fails on the dates whose file is not there.
const flow = (head: string): string => `flow: dated
${head}params:
  file: { type: text, default: orders }
steps:
  orders: { uses: import/csv, with: { path: "data/\${params.file}.csv" } }
  day: { uses: import/csv, with: { path: "data/day-\${run.asOf}.csv" } }
`
const day = (date: string): void => writeFileSync(join(root, 'data', `day-${date}.csv`), `n\n${date.slice(8)}\n`)

beforeAll(() => {
  cpSync(join(import.meta.dirname, '../../fixtures/workspace'), root, { recursive: true })
  writeFlow(root, flow(''), 'dated')
  writeFlow(root, flow('schedule: { cron: "0 6 * * MON", timezone: Europe/Helsinki }\n'), 'weekly')
  for (const date of ['2026-06-01', '2026-06-02', '2026-06-04', '2026-06-08']) day(date)
})

const summary = (answer: Answer): unknown =>
  JSON.parse(answer.out).runs.map(({ asOf, status }: { asOf: string; status: string }) => [asOf, status])

test('each day in order; a date that fails lets no further one begin', async () => {
  const answer = await ask('dated', '--from', '2026-06-01', '--to', '2026-06-04')
  expect(answer.out).toMatch(
    /^4 dates of dated, from 2026-06-01 to 2026-06-04\n {2}2026-06-01 {2}done, .*\n {2}2026-06-02 {2}done.*\n {2}2026-06-03 {2}failed\n/,
  )
  expect(answer.out).toMatch(/\n2 of 4 dates are done, 1 were not begun\.\n$/)
  expect(answer.error).toMatch(/^FILE_NOT_FOUND/)
  expect(answer.code).toBe(1)
})

test('with --keep-going the others are done, two at once', async () => {
  const answer = await ask(
    'dated',
    '--from',
    '2026-06-01',
    '--to',
    '2026-06-04',
    '--keep-going',
    '--at-once',
    '2',
    '--json',
  )
  expect(summary(answer)).toEqual([
    ['2026-06-01', 'done'],
    ['2026-06-02', 'done'],
    ['2026-06-03', 'failed'],
    ['2026-06-04', 'done'],
  ])
  expect(answer.code).toBe(1)
})

test('a schedule gives the dates', async () => {
  const answer = await ask(
    'weekly',
    '--from',
    '2026-05-30',
    '--to',
    '2026-06-09',
    '--json',
    '--param',
    'file=customers',
  )
  expect(summary(answer)).toEqual([
    ['2026-06-01', 'done'],
    ['2026-06-08', 'done'],
  ])
  expect(answer.code).toBe(0)
})

test.each([
  [['dated', '--from', '2026-06-02', '--to', '2026-06-01'], /^BACKFILL_RANGE/, 1],
  [['dated', '--from', '2026-06-01', '--to', '2026-06-02', '--at-once', 'many'], /^USAGE/, 2],
  [['dated', '--from', '2026-06-01', '--to', '2026-06-02', '--param', 'no=1'], /^PARAM_UNKNOWN/, 1],
])('%j is refused', async (words, message, code) => {
  const answer = await ask(...words)
  expect(answer.error).toMatch(message)
  expect(answer.code).toBe(code)
})
