import type { Finding } from '../../../nodes/node.ts'
import { clip } from '../../html/html.ts'
import { fixed } from '../../html/numbers.ts'
import type { RunRecord, StepRecord } from '../record.ts'

// A report stays small enough to mail whatever a run brings. What is left out is said where it is missing,
// and is still in the run's record.

export interface Limits {
  readonly steps: number
  readonly findings: number
  readonly rows: number
  readonly columns: number
  readonly text: number
  /** Characters of all figures together, deflated and in base64. */
  readonly figures: number
}

/** From what is normal to what surely fits under a megabyte. */
export const levels: readonly Limits[] = [
  { steps: 400, findings: 120, rows: 200, columns: 60, text: 1500, figures: 180_000 },
  { steps: 200, findings: 60, rows: 50, columns: 30, text: 800, figures: 120_000 },
  { steps: 100, findings: 30, rows: 20, columns: 15, text: 300, figures: 80_000 },
  { steps: 40, findings: 10, rows: 5, columns: 6, text: 120, figures: 40_000 },
]

/** Every text of a value cut to `length`, every list to `items`. */
const short = <T>(value: T, length: number, items: number, depth = 0): T => {
  const cut = (part: unknown): unknown => {
    if (typeof part === 'string') return clip(part, length)
    if (typeof part !== 'object' || part === null) return part
    return depth > 12 ? '…' : short(part, length, items, depth + 1)
  }
  if (Array.isArray(value)) return value.slice(0, items).map(cut) as T // a list of the same things, only fewer
  return Object.fromEntries(
    Object.entries(value as object)
      .slice(0, items)
      .map(([key, part]) => [clip(key, Math.min(length, 80)), cut(part)]),
  ) as T // the same fields
}

const joined = (...notes: (string | undefined | false)[]): string | undefined =>
  notes.filter(Boolean).join(' ') || undefined

const shortFinding = (finding: Finding, { rows, columns, text }: Limits): Finding => {
  // Figures are cleaned, cut and measured on their own.
  if (finding.kind === 'figure')
    return { ...finding, title: clip(finding.title, text), description: clip(finding.description, text) }
  if (finding.kind === 'metric')
    return {
      ...finding,
      label: clip(finding.label, 120),
      note: finding.note && clip(finding.note, Math.min(text, 300)),
    }
  if (finding.kind === 'note') return { ...finding, text: clip(finding.text, text) }
  const all = finding.rows.length
  return {
    ...finding,
    title: clip(finding.title, text),
    columns: finding.columns.slice(0, columns).map((name) => clip(name, Math.min(text, 120))),
    rows: finding.rows.slice(0, rows).map((row) => short(row.slice(0, columns), Math.min(text, 400), columns)),
    note: joined(
      finding.note && clip(finding.note, text),
      all > rows && `The first ${rows} of ${fixed(all)} rows.`,
      finding.columns.length > columns && `The first ${columns} of ${fixed(finding.columns.length)} columns.`,
    ),
  }
}

const isWarning = (finding: Finding): boolean => finding.kind === 'note' && finding.level === 'warning'

const shortStep = (step: StepRecord, limits: Limits): StepRecord => {
  const { findings, text, columns } = limits
  // Warnings are what a reader must not miss, so they stay however many findings come before them.
  const first = step.findings.filter((finding, index) => index < findings || isWarning(finding)).slice(0, findings * 2)
  const left = step.findings.length - first.length
  const findingsLeft: Finding[] = first.map((finding) => shortFinding(finding, limits))
  if (left > 0)
    findingsLeft.push({ kind: 'note', level: 'info', text: `${fixed(left)} more findings are in run.json.` })
  return {
    ...step,
    title: clip(step.title, Math.min(text, 120)),
    summary: clip(step.summary, text),
    why: clip(step.why, text),
    from: step.from.slice(0, columns),
    settings: short(step.settings, Math.min(text, 400), columns * 2),
    outputs: step.outputs.slice(0, columns).map((output) => ({
      ...short(output, Math.min(text, 400), 20),
      columns: output.columns.slice(0, columns * 4).map((column) => short(column, 80, 2)),
    })),
    // The contract's findings are the record's, with read-only lists.
    findings: findingsLeft as StepRecord['findings'],
    problem: step.problem && short(step.problem, text, 20),
  }
}

/** What is left of `room` characters after a value's texts, counted only until nothing is left. */
const roomAfter = (value: unknown, room: number): number => {
  if (typeof value === 'string') return room - value.length
  if (typeof value !== 'object' || value === null) return room - 1
  let left = room
  for (const part of Object.values(value)) {
    if (left < 0) return left
    left = roomAfter(part, left)
  }
  return left
}

const withoutPoints = (finding: Finding): unknown =>
  finding.kind === 'figure' ? [finding.title, finding.description] : finding

/**
 * The part of a run that a report shows, and how many steps it leaves out; nothing where already its texts
 * take more than `room` characters. Steps keep their full names, by which they refer to each other.
 */
export const limited = (run: RunRecord, limits: Limits, room: number): { run: RunRecord; left: number } | undefined => {
  const steps: StepRecord[] = []
  let spare = room
  for (const step of run.steps.slice(0, limits.steps)) {
    const excerpt = shortStep(step, limits)
    spare = roomAfter([excerpt.settings, excerpt.outputs, excerpt.findings.map(withoutPoints)], spare)
    if (spare < 0) return undefined
    steps.push(excerpt)
  }
  const texts = {
    title: clip(run.title, Math.min(limits.text, 200)),
    client: clip(run.client, Math.min(limits.text, 120)),
    flow: clip(run.flow, 200),
    description: run.description && clip(run.description, limits.text),
    params: short(run.params, Math.min(limits.text, 400), limits.columns),
    versions: short(run.versions, 80, 20),
    problem: run.problem && short(run.problem, limits.text, 20),
  }
  return { run: { ...run, ...texts, steps }, left: Math.max(0, run.steps.length - limits.steps) }
}
